//! The HTTP kernel: layout, components, texts, problems, paging, live updates, assets.

//! Checks of what people enter: declared in files, explained in public.

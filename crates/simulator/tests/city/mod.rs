//! The demonstration's city, read from its files into a store.

use registry::Registry;
use simulator::Site;
use std::path::Path;
use store::Migration;
use testkit::TestStore;

/// The seed of these tests.
pub(crate) const SEED: u64 = 20_261_123;

/// Zhangzhou in an empty SQLite store, with the sites of its devices.
pub(crate) async fn zhangzhou() -> (TestStore, Vec<Site>) {
    let steps: Vec<Migration> =
        [registry::MIGRATIONS, observations::MIGRATIONS, ingest::MIGRATIONS].concat();
    let test = testkit::sqlite(&steps).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/zhangzhou");
    let files = registry::load::read_city(&folder).expect("the city's files are sound");
    registry::store::install(&test.store, &files).await.expect("the city is installed");
    let registry = Registry::open(&test.store).await.expect("the registry opens");
    let sites = Site::all(SEED, &registry.snapshot());
    (test, sites)
}

//! The place of large files: a folder beside the store, or where the settings say.

use store::{Access, Objects, Store};

#[tokio::test]
async fn an_object_is_written_read_listed_and_deleted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let objects = Objects::in_folder(&folder.path().join("漳州 历史")).expect("a folder's name");
    assert_eq!(objects.list("").await.expect("an absent folder is empty"), []);
    objects.put("a/b=1/c", vec![7; 9].into()).await.expect("the folders are made");
    objects.put("a/d", vec![8].into()).await.expect("another");
    assert_eq!(objects.get("a/b=1/c").await.expect("it is there"), vec![7; 9]);
    let mut names: Vec<_> = objects.list("").await.expect("listed").into_iter().collect();
    names.sort_by(|one, other| one.name.cmp(&other.name));
    let names: Vec<_> = names.iter().map(|found| (found.name.as_str(), found.size)).collect();
    assert_eq!(names, [("a/b=1/c", 9), ("a/d", 1)]);
    assert_eq!(objects.list("a/b=1").await.expect("listed").len(), 1);
    objects.delete("a/d").await.expect("deleted");
    objects.delete("a/d").await.expect("deleted already");
    let gone = objects.get("a/d").await.expect_err("it is gone");
    assert!(gone.is_missing(), "{gone:?}");
}

#[tokio::test]
async fn objects_lie_beside_the_file_unless_somebody_says_otherwise() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("lucid.sqlite").display());
    let store = Store::open(&url, &[]).await.expect("a new store");
    let beside = store.objects().expect("a place").folder().expect("a folder").to_owned();
    assert!(beside.ends_with("history"), "{}", beside.display());
    assert!(!beside.exists(), "nothing is made before it is needed");
    let other = Objects::in_folder(&folder.path().join("elsewhere")).expect("a folder's name");
    let store = store.with_objects(other);
    assert!(store.objects().expect("a place").place().ends_with("elsewhere"));
}

#[test]
fn a_wrong_address_says_what_to_write() {
    for (url, word) in [("ftp://x", "s3://BUCKET/FOLDER"), ("s3:///x", "bucket")] {
        let refused = Objects::at(url, &Access::default()).expect_err("no place");
        assert!(refused.to_string().contains(word), "{refused}");
    }
    let access = Access {
        endpoint: "http://127.0.0.1:8333".into(),
        access_key: "name".into(),
        secret_key: "hidden".into(),
        ..Access::default()
    };
    let objects = Objects::at("s3://lucid/history", &access).expect("an address");
    assert_eq!(objects.path("a/b").to_string(), "history/a/b");
    assert!(!objects.place().contains("hidden"));
}

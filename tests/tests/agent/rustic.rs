//! Another program through the same gateway: stock rustic.

use std::fs;
use std::path::Path;

use bygone_store::Role;
use bygone_tests::noise::noise;
use bygone_tests::process::Process;
use bygone_tests::restic::{PASSWORD, Restic};
use bygone_tests::rustic::Rustic;
use bygone_tests::tools::tool;
use serde_json::{Value, json};

use crate::stack::Stack;

#[tokio::test(flavor = "multi_thread")]
async fn rustic_makes_fills_checks_mounts_and_restores_a_repository_and_destroys_nothing() {
    let stack = Stack::start().await;
    let org = stack.org("acme").await;
    let admin = stack.api(org, Role::Admin).await;
    let repositories = format!("/api/v1/orgs/{org}/repositories");
    let wanted = json!({ "name": "main", "begin": "later", "password": PASSWORD });
    let row = admin.post::<Value>(&repositories, &wanted).await.unwrap().unwrap();
    let credentials = format!("{repositories}/{}/gateway-credentials", row["uid"].as_str().unwrap());
    let wanted = json!({ "name": "rustic", "access": "append-only" });
    let made = admin.post::<Value>(&credentials, &wanted).await.unwrap().unwrap();
    let field = |name: &str| made[name].as_str().unwrap().to_owned();
    let (host, path) = (admin.url().strip_prefix("http://").unwrap(), field("path"));
    let rustic = Rustic::new(format!("rest:http://{}:{}@{host}{path}", field("username"), field("password")));
    let place = Restic::new(row["location"].as_str().unwrap());
    let work = move || {
        let folder = tempfile::tempdir().unwrap();
        let [source, target, point] = ["source", "target", "point"].map(|name| folder.path().join(name));
        fs::create_dir_all(source.join("below")).unwrap();
        fs::create_dir(&point).unwrap();
        for number in 0..6 {
            fs::write(source.join(format!("below/{number}")), noise(number, 900_000)).unwrap();
        }
        let (named, root) = (source.to_str().unwrap(), source.strip_prefix("/").unwrap());
        rustic.run(&["init"]);
        rustic.run(&["backup", named]);
        fs::write(source.join("new"), "new").unwrap();
        rustic.run(&["backup", named]);
        rustic.run(&["check", "--read-data"]);
        place.run(&["check", "--read-data"]);
        assert!(rustic.run(&["ls", "latest"]).contains("below/5"));
        rustic.run(&["restore", &format!("latest:{named}"), target.to_str().unwrap()]);
        let same = |there: &Path| {
            for name in ["new", "below/0", "below/5"] {
                assert!(fs::read(there.join(name)).unwrap() == fs::read(source.join(name)).unwrap(), "{name}");
            }
        };
        same(&target);
        let mut mounting = rustic.command(&["mount", point.to_str().unwrap(), "latest"]);
        let mut mounted = Process::start(&mut mounting, &folder.path().join("log"));
        let shown = point.join(root);
        mounted.wait_until_ready(|| shown.join("new").exists());
        same(&shown);
        let unmounted = std::process::Command::new(tool("fusermount3")).arg("-u").arg(&point).status().unwrap();
        assert!(unmounted.success());
        // What removes is refused, and what was added before the refusal harms nothing.
        for refused in [["forget", "latest"].as_slice(), &["prune", "--repack-all", "--instant-delete"]] {
            let said = rustic.fail(refused);
            assert!(said.contains("403"), "{refused:?}: {said}");
        }
        place.run(&["check", "--read-data"]);
        assert_eq!(place.run(&["snapshots", "--json"]).matches("short_id").count(), 2);
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

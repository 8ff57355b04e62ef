use std::process::Command;

use bygone_tests::tools::tool;

use super::support::Stack;

/// Requests for each operation at most.
const EXAMPLES: &str = "15";

/// The same requests each time: what fails once fails again.
const SEED: &str = "20261101";

#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_the_description_lets_one_think_of_is_our_fault() {
    let stack = Stack::start().await;
    let root = stack.root();
    let org = root.make_org("acme").await;
    // Half of the requests reach what is there, the others what is made up.
    let folder = stack.folder.path().to_owned();
    let config = folder.join("schemathesis.toml");
    std::fs::write(&config, format!("[parameters]\n\"path.org\" = \"{org}\"\n")).unwrap();
    let (url, token) = (stack.url(), root.token());
    let ran = tokio::task::spawn_blocking(move || {
        Command::new(tool("schemathesis"))
            // It keeps notes where it runs.
            .current_dir(folder)
            .arg("--config-file")
            .arg(config)
            .args(["run", &format!("{url}/api/openapi.json"), "--url", &url])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", "not_a_server_error,response_schema_conformance,content_type_conformance"])
            .args(["--max-examples", EXAMPLES, "--seed", SEED, "--workers", "1", "--generation-database", "none"])
            .args(["--phases", "coverage,fuzzing", "--no-color"])
            // What only an operator's mistake reaches, and what goes on for ever.
            .args(["--exclude-path-regex", "/(events|stream|claim)$"])
            .output()
            .unwrap()
    });
    let output = ran.await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
}

use std::process::Command;

#[test]
fn the_demo_proves_what_it_shows_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_bygone"));
    demo.args(["demo", "--once"]).env("TMPDIR", folder.path()).env_remove("RESTIC_REPOSITORY");
    let output = demo.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.matches("proved: ").count(), 8, "{told}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

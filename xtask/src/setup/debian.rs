//! Debian's packages: of the machine's own suite by `apt-get install`, of other suites by an apt root of our own that
//! leaves the machine's settings alone.

use crate::process;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Whether this machine installs Debian's packages from Debian's archive.
pub(crate) fn is_here() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && Path::new("/usr/bin/apt-get").exists()
}

/// Installs packages of the machine's own suite; root only.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let mut install = apt();
    install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    // The package lists may be of yesterday, or not there at all.
    process::output(apt().arg("update"))?;
    process::output(&mut install).map(drop)
}

/// A package of Debian that is extracted, not installed.
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    /// What its version begins with; empty for any.
    pub(crate) version: &'a str,
    /// Where it is looked for; the first suite that has a usable one counts.
    pub(crate) suites: &'a [&'a str],
}

impl Package<'_> {
    /// Downloads the package and extracts it below `root`; returns the folder, which `check` has found usable.
    pub(crate) fn extract(&self, root: &Path, check: impl Fn(&Path) -> Result<()>) -> Result<PathBuf> {
        let mut refusals = Vec::new();
        for suite in self.suites {
            match self.extract_from(suite, root, &check) {
                Ok(folder) => return Ok(folder),
                Err(error) => refusals.push(format!("{suite}: {error:#}")),
            }
        }
        bail!("no suite has a usable {} {}: {}", self.name, self.version, refusals.join("; "))
    }

    fn extract_from(&self, suite: &str, root: &Path, check: &impl Fn(&Path) -> Result<()>) -> Result<PathBuf> {
        let scratch = tempfile::Builder::new().prefix("apt-").tempdir_in(root).context("creating an apt root")?;
        let conf = apt_root(suite, scratch.path())?;
        process::output(apt().arg("-c").arg(&conf).arg("update"))?;
        let wanted = if self.version.is_empty() { self.name.to_string() } else { self.exact(&conf)? };
        process::output(apt().arg("-c").arg(&conf).args(["download", &wanted]).current_dir(scratch.path()))?;
        let deb = downloaded(scratch.path(), self.name)?;
        let version = process::text(Command::new("dpkg-deb").arg("--field").arg(&deb).arg("Version"))?;
        let version = version.trim();
        let folder = root.join("debs").join(format!("{}-{}", self.name, version.replace(['/', ':'], "_")));
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        process::output(Command::new("dpkg").arg("-x").arg(&deb).arg(&folder))?;
        check(&folder)?;
        println!("  {} {version} of {suite}", self.name);
        Ok(folder)
    }

    /// The package with the one version that fits, as apt takes it.
    fn exact(&self, conf: &Path) -> Result<String> {
        let list = process::text(Command::new("apt-cache").arg("-c").arg(conf).args(["madison", self.name]))?;
        let versions = list.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        let version = versions.into_iter().find(|version| version.starts_with(self.version));
        version
            .map(|version| format!("{}={version}", self.name))
            .with_context(|| format!("no version {}", self.version))
    }
}

fn downloaded(folder: &Path, package: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    let found = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).find(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(&format!("{package}_")) && name.ends_with(".deb")
    });
    found.with_context(|| format!("apt-get download {package} left no file"))
}

/// Writes an apt root with one suite and returns its configuration file.
fn apt_root(suite: &str, root: &Path) -> Result<PathBuf> {
    for folder in
        ["etc/apt.conf.d", "etc/preferences.d", "etc/sources.list.d", "state/lists/partial", "cache/archives/partial"]
    {
        fs::create_dir_all(root.join(folder)).with_context(|| format!("creating {}", root.join(folder).display()))?;
    }
    let mirror = mirror()?;
    let source = format!("Types: deb\nURIs: {mirror}\nSuites: {suite}\nComponents: main\nSigned-By: {KEYRING}\n");
    let conf = format!(
        "Dir::Etc \"{root}/etc\";\nDir::Etc::sourceparts \"{root}/etc/sources.list.d\";\nDir::Etc::sourcelist \"/dev/null\";\n\
         Dir::State \"{root}/state\";\nDir::State::status \"{root}/status\";\nDir::Cache \"{root}/cache\";\n\
         APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\nAcquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n",
        root = root.display()
    );
    let files = [("status", String::new()), ("etc/sources.list.d/suite.sources", source), ("apt.conf", conf)];
    for (name, text) in files {
        fs::write(root.join(name), text).with_context(|| format!("writing {}", root.join(name).display()))?;
    }
    Ok(root.join("apt.conf"))
}

/// The address of the Debian archive that the machine's own apt uses.
fn mirror() -> Result<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())));
    }
    files.sort();
    let texts = files.iter().filter(|file| file.extension().is_some_and(|end| end == "list" || end == "sources"));
    let texts = texts.filter_map(|file| fs::read_to_string(file).ok());
    texts
        .flat_map(|text| addresses(&text))
        .find(|address| is_archive(address))
        .context("no Debian archive among apt's sources")
}

/// The addresses in a file of apt sources, in either of its two forms.
fn addresses(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let words = lines.filter_map(|line| match line.split_once(char::is_whitespace) {
        Some(("URIs:" | "deb", rest)) => Some(rest),
        _ => None,
    });
    let words = words.flat_map(str::split_whitespace);
    words.filter(|word| word.contains("://") || word.starts_with("file:")).map(str::to_string).collect()
}

/// The main archive, not the one of security updates and no third party's: every mirror's path ends so.
fn is_archive(address: &str) -> bool {
    address.trim_end_matches('/').ends_with("/debian")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "-o", "Acquire::Retries=3"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_forms_are_read() {
        let new = "Types: deb\n# https://x/debian\nURIs: https://mirror.example/debian\nSuites: bookworm\n";
        assert_eq!(addresses(new), ["https://mirror.example/debian"]);
        let old = "deb [signed-by=/k.gpg] http://mirror.example/debian/ bookworm main\ndeb-src http://other.example/debian x main";
        assert_eq!(addresses(old), ["http://mirror.example/debian/"]);
    }

    #[test]
    fn only_the_main_archive_is_taken() {
        let addresses = ["https://m.example/debian-security", "https://m.example/apt", "https://m.example/debian/"];
        assert_eq!(addresses.map(is_archive), [false, false, true]);
    }
}

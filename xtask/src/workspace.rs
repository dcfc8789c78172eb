//! What cargo knows of this workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};

/// The workspace this xtask belongs to.
pub(crate) struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    /// Asks cargo, from whatever folder the command was given in.
    pub(crate) fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(&manifest)
            .no_deps()
            .exec()
            .with_context(|| format!("cargo does not understand {}", manifest.display()))?;
        Ok(Self { metadata })
    }

    /// The manifest of the workspace.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.metadata.workspace_root.join("Cargo.toml").into()
    }

    /// The folder of the workspace.
    pub(crate) fn root(&self) -> PathBuf {
        self.metadata.workspace_root.clone().into()
    }

    /// The target folder of the workspace.
    pub(crate) fn target_root(&self) -> PathBuf {
        self.metadata.target_directory.clone().into()
    }

    /// A target folder of its own below the workspace's, so that builds with other flags do not
    /// rebuild the rest. `CARGO_TARGET_DIR` and the configuration are honoured.
    pub(crate) fn target_dir(&self, name: &str) -> PathBuf {
        self.metadata.target_directory.join(name).into()
    }

    /// The libraries among the default members.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = &Package> {
        self.metadata
            .workspace_default_packages()
            .into_iter()
            .filter(|package| has_target(package, TargetKind::Lib))
    }

    /// All members.
    pub(crate) fn packages(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// The default members with a test target of this name.
    pub(crate) fn packages_with_test(&self, name: &str) -> Vec<&Package> {
        let has = |package: &&Package| {
            let mut targets = package.targets.iter();
            targets.any(|target| target.is_test() && target.name == name)
        };
        let packages = self.metadata.workspace_default_packages();
        packages.into_iter().filter(has).collect()
    }

    /// All examples, as package and name.
    pub(crate) fn examples(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata
            .workspace_default_packages()
            .into_iter()
            .flat_map(|package| {
                package
                    .targets
                    .iter()
                    .filter(|target| target.is_example())
                    .map(|target| (package.name.as_str(), target.name.as_str()))
            })
    }
}

fn has_target(package: &Package, kind: TargetKind) -> bool {
    let mut targets = package.targets.iter();
    targets.any(|target| target.kind.contains(&kind))
}

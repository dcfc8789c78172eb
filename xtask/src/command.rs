//! Running cargo.

use std::env;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Message, PackageId};

use crate::workspace::Workspace;

/// A cargo command on the workspace.
pub(crate) struct Cargo {
    /// The first words, such as `test`.
    words: Vec<String>,
    envs: Vec<(&'static str, String)>,
    target_dir: Option<PathBuf>,
}

impl Cargo {
    /// `cargo` with these words, separated by spaces.
    pub(crate) fn new(words: &str) -> Self {
        Self {
            words: words.split_whitespace().map(str::to_owned).collect(),
            envs: Vec::new(),
            target_dir: None,
        }
    }

    /// Adds words.
    pub(crate) fn args<A: Into<String>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.words.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.envs.push((name, value.into()));
        self
    }

    /// Sets a variable of the environment unless the caller has.
    pub(crate) fn default_env(self, name: &'static str, value: &str) -> Self {
        match env::var_os(name) {
            Some(_) => self,
            None => self.env(name, value),
        }
    }

    /// Adds flags to those that a variable such as `RUSTFLAGS` already has.
    pub(crate) fn flags(self, name: &'static str, flags: &str) -> Self {
        let value = match env::var(name) {
            Ok(given) if !given.is_empty() => format!("{given} {flags}"),
            _ => flags.to_owned(),
        };
        self.env(name, value)
    }

    /// Builds in a target folder of its own.
    pub(crate) fn target_dir(mut self, dir: PathBuf) -> Self {
        self.target_dir = Some(dir);
        self
    }

    /// Runs the command, with the folder, input and output of this process.
    ///
    /// # Errors
    ///
    /// When cargo cannot be started, or fails.
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        let status = self
            .command(workspace)
            .status()
            .with_context(|| format!("`{self}` could not be started"))?;
        ensure!(status.success(), "`{self}` failed ({status})");
        Ok(())
    }

    /// As [`run`](Self::run), and hands over each line that the command prints.
    pub(crate) fn run_lines(
        &self,
        workspace: &Workspace,
        mut each: impl FnMut(&str),
    ) -> Result<()> {
        let mut child = self
            .command(workspace)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{self}` could not be started"))?;
        let stdout = child.stdout.take().context("the output is piped")?;
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            println!("{line}");
            each(&line);
        }
        let status = child.wait()?;
        ensure!(status.success(), "`{self}` failed ({status})");
        Ok(())
    }

    /// Whether the command runs and succeeds; what it prints is thrown away.
    pub(crate) fn succeeds(&self, workspace: &Workspace) -> bool {
        self.command(workspace)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Runs a command that builds tests without running them, and returns the programs it built.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub(crate) fn test_programs(self, workspace: &Workspace) -> Result<Vec<(PackageId, PathBuf)>> {
        let format = "--message-format=json-render-diagnostics";
        let output = self.args([format]).output(workspace)?;
        let mut programs = Vec::new();
        for message in Message::parse_stream(BufReader::new(&output.stdout[..])) {
            if let Message::CompilerArtifact(artifact) = message?
                && let Some(program) = artifact.executable
                && artifact.profile.test
            {
                programs.push((artifact.package_id, program.into()));
            }
        }
        Ok(programs)
    }

    /// Runs the command and returns what it printed; errors are passed on.
    fn output(&self, workspace: &Workspace) -> Result<Output> {
        let output = self
            .command(workspace)
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("`{self}` could not be started"))?;
        ensure!(
            output.status.success(),
            "`{self}` failed ({})",
            output.status
        );
        Ok(output)
    }

    fn command(&self, workspace: &Workspace) -> Command {
        // The cargo that runs us, if one does.
        let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(program);
        let options = self.words.iter().position(|word| word == "--");
        let (words, rest) = self.words.split_at(options.unwrap_or(self.words.len()));
        command.args(words);
        command.arg("--manifest-path").arg(workspace.manifest());
        command.args(rest);
        command.envs(self.envs.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = &self.target_dir {
            command.env("CARGO_TARGET_DIR", dir);
        }
        command
    }
}

/// The command as one would type it.
impl fmt::Display for Cargo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.envs {
            write!(f, "{name}=\"{value}\" ")?;
        }
        if let Some(dir) = &self.target_dir {
            write!(f, "CARGO_TARGET_DIR=\"{}\" ", dir.display())?;
        }
        write!(f, "cargo {}", self.words.join(" "))
    }
}

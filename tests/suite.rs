//! All tests that run the program or read its sources, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::type_complexity,
    reason = "a test that can't go on has failed, and it has files and an environment of its own"
)]

#[cfg(unix)]
mod advance;
mod architecture;
mod blame;
mod cli;
#[cfg(target_os = "linux")]
mod code;
mod codex;
#[cfg(unix)]
mod completion;
#[cfg(unix)]
mod config;
#[cfg(unix)]
mod damage;
mod differences;
#[cfg(unix)]
mod elsewhere;
mod endurance;
#[cfg(target_os = "linux")]
mod evict;
#[cfg(unix)]
mod export;
#[cfg(target_os = "linux")]
mod fault;
mod history;
mod hooks;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod inside;
mod items;
#[cfg(unix)]
mod json;
mod lifecycle;
mod lineage;
mod looks;
mod machine;
#[cfg(feature = "mcp")]
mod mcp;
#[cfg(unix)]
mod moved;
mod notices;
mod patch;
#[cfg(unix)]
mod plain_git;
mod readme;
mod record;
#[cfg(unix)]
mod remotes;
mod revisions;
mod saves;
mod search;
mod secrets;
#[cfg(unix)]
mod share;
mod show;
mod stats;
mod status;
mod support;
mod table;
#[cfg(all(unix, feature = "ui"))]
mod ui;
#[cfg(unix)]
mod upkeep;

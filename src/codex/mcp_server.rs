//! MCP servers that Codex starts, as its settings name them: the tables `mcp_servers`. They are read here, and written by Codex itself.

use std::path::Path;

use serde::Deserialize;

/// An MCP server that Codex knows.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct McpServer {
    /// The program that it is; one that is elsewhere in the network has none.
    #[serde(default)]
    pub command: Option<String>,
    /// The words after the program's name.
    #[serde(default)]
    pub args: Vec<String>,
    /// Whether Codex starts it.
    #[serde(default = "is_so")]
    pub enabled: bool,
}

const fn is_so() -> bool {
    true
}

impl McpServer {
    /// Whether it is codex-git.
    pub fn is_ours(&self) -> bool {
        let program = self.command.as_deref().and_then(|command| Path::new(command).file_stem());
        program.is_some_and(|name| name == "codex-git") && self.args.last().is_some_and(|verb| verb == "mcp")
    }

    /// Whether these words start it.
    pub fn is_started_by(&self, words: &[String]) -> bool {
        self.command.iter().chain(&self.args).eq(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codex::{Error, Settings};

    fn read(text: &str) -> Result<Option<McpServer>, Error> {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), text).unwrap();
        Settings::server(home.path(), "codex-git")
    }

    #[test]
    fn a_server_is_found_however_its_table_is_written() {
        let ours = "command = \"/opt/codex-git\"\nargs = [\"--codex-home\", \"/h\", \"mcp\"]\n";
        for head in ["[mcp_servers.codex-git]\n", "[mcp_servers.\"codex-git\"]\n", "[ mcp_servers . codex-git ]\n"] {
            let server = read(&format!("model = \"m\"\n{head}{ours}[projects.\"/w\"]\ntrust_level = \"trusted\"\n"));
            let server = server.unwrap().unwrap();
            assert!(server.is_ours() && server.enabled, "{head}");
            assert!(server.is_started_by(&["/opt/codex-git", "--codex-home", "/h", "mcp"].map(str::to_owned)));
        }
        let off =
            read("mcp_servers.codex-git = { command = \"codex-git\", args = [\"mcp\"], enabled = false }").unwrap();
        assert!(off.is_some_and(|server| server.is_ours() && !server.enabled));
    }

    #[test]
    fn another_server_is_not_ours() {
        for other in ["command = \"node\"\nargs = [\"mcp\"]", "url = \"http://127.0.0.1/\"", "command = \"codex-git\""]
        {
            assert!(!read(&format!("[mcp_servers.codex-git]\n{other}")).unwrap().unwrap().is_ours(), "{other}");
        }
        assert_eq!(read("[mcp_servers.codex-git-2]\ncommand = \"codex-git\"\nargs = [\"mcp\"]").unwrap(), None);
        assert_eq!(read("").unwrap(), None);
        assert_eq!(read("[broken").unwrap(), None);
    }
}

//! Files that a person asked for: written whole or not at all, over nothing that is there unless it was said.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use codex_git::SessionId;
use codex_git::model::text;
use tempfile::NamedTempFile;

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::json;
use super::words::shown;

/// How long a name that is made of a title gets.
const NAME: usize = 48;

/// Where output goes.
pub enum Place {
    /// Standard output.
    Output,
    /// A file.
    File(PathBuf),
}

impl Place {
    /// Where output goes that a person named a file for, or not: then it is a file with a name of its own, where the person stands, on a
    /// terminal and in Codex, and else standard output.
    pub fn of(context: &Context, named: Option<&Path>, own: &str) -> Self {
        match named {
            Some(named) if named == Path::new("-") => Self::Output,
            Some(named) => Self::File(context.whole(&named.to_string_lossy())),
            // What a command prints in Codex, the model reads.
            None if context.ui.is_terminal() || context.here.session.is_some() => Self::File(context.whole(own)),
            None => Self::Output,
        }
    }
}

/// Writes a file; what is there stays unless `force` says otherwise.
pub fn write(path: &Path, force: bool, fill: impl FnOnce(&mut dyn Write) -> Outcome) -> Outcome {
    free(path, force)?;
    let failed = |error: io::Error| {
        Failure::Io("write the file", io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut aside = temporary(folder).map_err(failed)?;
    let mut out = io::BufWriter::new(aside.as_file_mut());
    fill(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    let placed = if force { aside.persist(path) } else { aside.persist_noclobber(path) };
    match placed {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(taken(path)),
        Err(error) => Err(failed(error.error)),
    }
}

/// Writes a file among the temporary ones, which only its owner can read, and leaves it there.
#[cfg(feature = "ui")]
pub fn keep_temporary(name: &str, fill: impl FnOnce(&mut dyn Write) -> Outcome) -> Result<PathBuf, Failure> {
    let failed = |error| Failure::Io("write the file", error);
    let file =
        tempfile::Builder::new().prefix(&format!("codex-git-{name}-")).suffix(".html").tempfile().map_err(failed)?;
    let mut out = io::BufWriter::new(file.as_file());
    fill(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    file.into_temp_path().keep().map_err(|error| failed(error.error))
}

/// Whether a file may be written: nothing has its name, or what has may be replaced.
pub fn free(path: &Path, force: bool) -> Outcome {
    if !force && path.symlink_metadata().is_ok() { Err(taken(path)) } else { Ok(()) }
}

/// Tells that a file was written.
pub fn tell(context: &Context, path: &Path) -> Outcome {
    if context.json {
        let bytes = path.metadata().map_or(0, |data| data.len());
        return Ok(context.ui.json(json::written_file(path, bytes))?);
    }
    context.ui.say(format_args!("wrote {}", shown(path)));
    Ok(())
}

/// Writes standard output. A reader that goes away is no error.
pub fn print(fill: impl FnOnce(&mut dyn Write) -> Outcome) -> Outcome {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match fill(&mut out).and_then(|()| Ok(out.flush()?)) {
        Err(Failure::Io(_, error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Says that a file is there.
fn taken(path: &Path) -> Failure {
    let words = format!("`{}` exists already", text::plain(&path.to_string_lossy()));
    Failure::Usage(words, "add --force to replace it, or --out FILE to name another".to_owned())
}

/// A temporary file with the permissions that a person's files get.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".codex-git-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// A file's name made of a title: small letters, digits and hyphens, and nothing else of it. Of a title without any, the session's id.
pub fn file_name(title: &str, session: SessionId) -> String {
    let mut name = String::new();
    for letter in title.chars() {
        match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => name.push(letter),
            _ if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
        if name.len() >= NAME {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { session.to_string() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_nothing_but_letters_digits_and_hyphens() {
        let id = SessionId::from_bytes([7; 16]);
        assert_eq!(file_name("Tally, the tool!", id), "tally-the-tool");
        assert_eq!(file_name("../../etc/passwd\n", id), "etc-passwd");
        assert_eq!(file_name("--help", id), "help");
        assert_eq!(file_name("日本語 …", id), id.to_string());
        assert!(file_name(&"long ".repeat(50), id).len() <= NAME);
    }
}

//! Files that a person asked for: written whole or not at all, over nothing that is there unless it was said.

use std::fs::Permissions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use codex_git::SessionId;
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
            None if context.ui.is_terminal() => Self::File(context.whole(own)),
            // What a command prints in Codex, the model reads; unless it goes to a file.
            None if context.here.session.is_some() && !context.ui.prints_to_a_file() => Self::File(context.whole(own)),
            None => Self::Output,
        }
    }
}

/// What stands where a file is to be written.
enum Target {
    /// Nothing yet.
    Free,
    /// A file that may be replaced, by one that is as open as it is.
    File(Permissions),
    /// A device or a pipe: it takes what is written and stays what it is.
    Stream,
}

/// Writes a file; what is there stays unless `force` says otherwise.
pub fn write(context: &Context, path: &Path, force: bool, fill: impl FnOnce(&mut dyn Write) -> Outcome) -> Outcome {
    write_for(context, path, (force, 0o666), fill)
}

/// Writes a file that only its owner can read, unless it replaces one that others can.
pub fn write_private(
    context: &Context,
    path: &Path,
    force: bool,
    fill: impl FnOnce(&mut dyn Write) -> Outcome,
) -> Outcome {
    write_for(context, path, (force, 0o600), fill)
}

#[allow(clippy::disallowed_types, reason = "of what is there, only devices and pipes are opened for writing")]
fn write_for(
    context: &Context,
    path: &Path,
    (force, mode): (bool, u32),
    fill: impl FnOnce(&mut dyn Write) -> Outcome,
) -> Outcome {
    let (path, target) = target(context, path, force)?;
    let failed = |error: io::Error| {
        Failure::Io("write the file", io::Error::new(error.kind(), format!("`{}`: {error}", shown(&path))))
    };
    if matches!(target, Target::Stream) {
        let mut stream = std::fs::OpenOptions::new().write(true).open(&path).map_err(failed)?;
        return fill(&mut stream);
    }
    let mut aside = temporary(path.parent().unwrap_or(Path::new("/")), mode).map_err(failed)?;
    let mut out = io::BufWriter::new(aside.as_file_mut());
    fill(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    let placed = match target {
        Target::File(permissions) => {
            aside.as_file().set_permissions(permissions).map_err(failed)?;
            aside.persist(&path)
        }
        Target::Free | Target::Stream => aside.persist_noclobber(&path),
    };
    match placed {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(taken(&path)),
        Err(error) => Err(failed(error.error)),
    }
}

/// Whether a file may be written: nothing has its name, or what has may be replaced.
pub fn free(context: &Context, path: &Path, force: bool) -> Outcome {
    target(context, path, force).map(drop)
}

/// Where a file is to be written, links followed, and what stands there.
fn target(context: &Context, path: &Path, force: bool) -> Result<(PathBuf, Target), Failure> {
    let refused = |words: String| Err(Failure::Usage(words, "--out FILE names another".to_owned()));
    let name = shown(path);
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else {
        return refused(format!("`{name}` is a directory"));
    };
    let Ok(folder) = folder.canonicalize() else {
        return refused(format!("there is no directory `{}`", shown(folder)));
    };
    let place = path.canonicalize().unwrap_or_else(|_| folder.join(file));
    let is_below = |room: &Path| room.canonicalize().is_ok_and(|room| place.starts_with(room));
    if is_below(&context.home) || is_below(&context.store) {
        return refused(format!("`{name}` lies in the codex home, which holds what Codex and codex-git keep"));
    }
    let target = match place.metadata() {
        Ok(data) if data.is_dir() => return refused(format!("`{name}` is a directory")),
        Ok(data) if !data.is_file() => Target::Stream,
        Ok(data) if force => Target::File(data.permissions()),
        Ok(_) => return Err(taken(path)),
        Err(_) if path.symlink_metadata().is_ok() => return refused(format!("`{name}` is a link that leads nowhere")),
        Err(_) => Target::Free,
    };
    Ok((place, target))
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

/// Says that files of an earlier export still stand beside those that were written.
pub fn warn_of_older(context: &Context, count: usize, one: &Path) {
    if count > 0 {
        let pages = if count == 1 { "an older page stays".to_owned() } else { format!("{count} older pages stay") };
        context.ui.warn(format_args!("{pages} beside what was written, such as {}", shown(one)));
    }
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
    let words = format!("`{}` exists already", shown(path));
    Failure::Usage(words, "--force replaces it".to_owned())
}

/// A temporary file with permissions, as far as the person's files get them.
fn temporary(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".codex-git-");
    #[cfg(not(unix))]
    let _ = mode;
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
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

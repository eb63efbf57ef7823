//! Headers: what git says of objects, their kinds and sizes, before anything of them is read. One process of git is asked again and again.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use super::Error;
use super::program::{ALLOC_LIMIT, git_in};
use crate::model::ObjectId;

/// So many are asked about before the answers are read: both fit into a pipe.
const AT_ONCE: usize = 256;

/// What the header of an object says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub id: ObjectId,
    /// What git calls its kind.
    pub kind: String,
    pub size: u64,
}

/// The headers of a repository's objects. Git is started when it is asked first.
pub(crate) struct Headers {
    repository: PathBuf,
    asked: Mutex<Option<Asked>>,
}

/// A git that answers.
struct Asked {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Headers {
    /// Those of a repository.
    pub fn of(repository: &Path) -> Self {
        Self { repository: repository.to_owned(), asked: Mutex::new(None) }
    }

    /// The headers of some objects, by whatever names git takes; `None` of those that are not there.
    ///
    /// # Errors
    /// When git can't be run or says something else.
    pub fn of_all(&self, names: &[String]) -> Result<Vec<Option<Header>>, Error> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut headers = Vec::with_capacity(names.len());
        // One that failed is not asked again.
        let mut git = match asked.take() {
            Some(git) => git,
            None => Asked::start(&self.repository)?,
        };
        for some in names.chunks(AT_ONCE) {
            git.ask(some, &mut headers)?;
        }
        *asked = Some(git);
        Ok(headers)
    }
}

impl Asked {
    fn start(repository: &Path) -> Result<Self, Error> {
        let mut asking = git_in(repository);
        asking.env(ALLOC_LIMIT.0, ALLOC_LIMIT.1);
        asking.args(["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"]);
        asking.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = asking.spawn().map_err(Error::io("run git cat-file"))?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(strange());
        };
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    fn ask(&mut self, names: &[String], headers: &mut Vec<Option<Header>>) -> Result<(), Error> {
        let questions: String = names.iter().flat_map(|name| [name, "\n"]).collect();
        self.questions.write_all(questions.as_bytes()).map_err(Error::io("look objects over"))?;
        let mut line = String::new();
        for _ in names {
            line.clear();
            self.answers.read_line(&mut line).map_err(Error::io("look objects over"))?;
            headers.push(read(line.strip_suffix('\n').ok_or_else(strange)?)?);
        }
        Ok(())
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // It ends with its questions; one that does not is of no use any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(line: &str) -> Result<Option<Header>, Error> {
    if line.ends_with(" missing") {
        return Ok(None);
    }
    let [id, kind, size] = line.split(' ').collect::<Vec<_>>()[..] else { return Err(strange()) };
    let (Ok(id), Ok(size)) = (id.parse(), size.parse()) else { return Err(strange()) };
    Ok(Some(Header { id, kind: kind.to_owned(), size }))
}

fn strange() -> Error {
    Error::said("look objects over", b"git told nothing that makes sense")
}

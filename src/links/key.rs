//! The key of a link: an identity of age (`age-encryption.org/v1`, X25519), made for what one link leads to and for nothing else.

use std::io::{self, Read, Write};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use age::{Decryptor, Encryptor};

/// What every identity of age begins with. A link leaves it out.
const PREFIX: &str = "AGE-SECRET-KEY-1";

/// The head of what is sealed for one reader has a few hundred bytes, and ends with a line that begins like this.
const HEAD: u64 = 16 << 10;
const MAC: &[u8] = b"\n--- ";

/// A key.
#[derive(Clone)]
pub struct Key(Identity);

impl Key {
    /// A new one, that nothing was sealed with yet.
    pub fn new() -> Self {
        Self(Identity::generate())
    }

    /// Reads a key as a link has it.
    pub fn parse(text: &str) -> Option<Self> {
        format!("{PREFIX}{text}").parse().ok().map(Self)
    }

    /// The key as a link has it.
    pub(super) fn text(&self) -> String {
        self.0.to_string().expose_secret().trim_start_matches(PREFIX).to_owned()
    }

    /// Seals what `fill` writes into `out`.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn seal<E: From<io::Error>>(
        &self,
        out: &mut dyn Write,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let recipient = self.0.to_public();
        let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient));
        let mut sealing = encryptor.map_err(io::Error::other)?.wrap_output(out)?;
        fill(&mut sealing)?;
        sealing.finish()?;
        Ok(())
    }

    /// What was sealed with this key; `None` if it was sealed with another one, or not sealed at all.
    pub fn open<R: Read>(&self, mut sealed: R) -> Option<impl Read + use<R>> {
        // A head that never ends would be read for ever.
        let mut head = Vec::new();
        sealed.by_ref().take(HEAD).read_to_end(&mut head).ok()?;
        head.windows(MAC.len()).any(|part| part == MAC).then_some(())?;
        let decryptor = Decryptor::new(io::Cursor::new(head).chain(sealed)).ok()?;
        decryptor.decrypt(std::iter::once(&self.0 as &dyn age::Identity)).ok()
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &Key, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        key.seal(&mut out, |out| out.write_all(text)).unwrap();
        out
    }

    fn opened(key: &Key, sealed: &[u8]) -> Option<io::Result<Vec<u8>>> {
        let mut text = Vec::new();
        key.open(sealed).map(|mut reader| reader.read_to_end(&mut text).map(|_| text))
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_alone_and_only_whole() {
        let (key, other) = (Key::new(), Key::new());
        let text = vec![7; 200_000];
        let bytes = sealed(&key, &text);
        assert!(!bytes.windows(64).any(|part| part == &text[..64]));
        assert_eq!(opened(&Key::parse(&key.text()).unwrap(), &bytes).unwrap().unwrap(), text);
        assert!(opened(&other, &bytes).is_none() && opened(&key, b"hello").is_none());
        assert!(opened(&key, &bytes[..bytes.len() - 1]).unwrap().is_err(), "the end is missing");
        let mut flipped = bytes.clone();
        flipped[100_000] ^= 1;
        assert!(opened(&key, &flipped).unwrap().is_err());
        assert!(Key::parse("").is_none() && Key::parse(&key.text()[1..]).is_none());
    }
}

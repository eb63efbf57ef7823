//! Fields of a JSON object that are changed one by one: what is not changed keeps its bytes, whatever it holds.

use super::json::Object;

/// The fields of a JSON object, their values as they were written.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn of(object: &Object<'_>) -> Self {
        Self(object.entries().map(|(key, raw)| (key.to_owned(), raw.to_owned())).collect())
    }

    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| known != key);
    }

    /// Gives a field a value, if the object has it.
    pub fn change(&mut self, key: &str, raw: &str) {
        self.0.iter_mut().filter(|(known, _)| known == key).for_each(|(_, value)| raw.clone_into(value));
    }

    /// Gives a field a value; one that is new comes last.
    pub fn set(&mut self, key: &str, raw: &str) {
        if self.0.iter().any(|(known, _)| known == key) {
            self.change(key, raw);
        } else {
            self.0.push((key.to_owned(), raw.to_owned()));
        }
    }

    pub fn render(&self) -> String {
        let fields: Vec<String> = self.0.iter().map(|(key, raw)| format!("{}:{raw}", quoted(key))).collect();
        format!("{{{}}}", fields.join(","))
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

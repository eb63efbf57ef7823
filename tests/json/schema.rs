//! `docs/json.schema.json`, asked what it says of an object.

use std::collections::{BTreeMap, BTreeSet};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

const TEXT: &str = include_str!("../../docs/json.schema.json");
const PLACE: &str = "file:///json.schema.json";

pub struct Schema {
    document: Value,
    compiled: Schemas,
    entries: BTreeMap<String, SchemaIndex>,
}

impl Schema {
    pub fn read() -> Self {
        let document: Value = serde_json::from_str(TEXT).unwrap();
        let (mut compiler, mut compiled) = (Compiler::new(), Schemas::new());
        compiler.enable_format_assertions();
        compiler.add_resource(PLACE, document.clone()).unwrap();
        let mut compile = |name: &String| {
            let place = format!("{PLACE}#/$defs/{name}");
            compiler.compile(&place, &mut compiled).unwrap_or_else(|error| panic!("{error:#}"))
        };
        let names = document["$defs"].as_object().unwrap().keys();
        let entries = names.map(|name| (name.clone(), compile(name))).collect();
        Self { document, compiled, entries }
    }

    /// The entries of all objects that are lines.
    pub fn lines(&self) -> BTreeSet<String> {
        let all = self.document["anyOf"].as_array().unwrap().iter();
        all.map(|entry| entry["$ref"].as_str().unwrap().replace("#/$defs/", "")).collect()
    }

    /// Each entry with what it says.
    pub fn entries(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.document["$defs"].as_object().unwrap().iter()
    }

    /// What is wrong with an object: where it differs from its entry, and the keys that the entry does not name.
    pub fn faults(&self, entry: &str, object: &Value) -> Vec<String> {
        let Some(compiled) = self.entries.get(entry) else { return vec![format!("there is no entry {entry}")] };
        let differs = self.compiled.validate(object, *compiled).err().map(|error| format!("{error:#}"));
        let mut faults: Vec<String> = differs.into_iter().collect();
        self.note_unnamed(&self.document["$defs"][entry], object, "", &mut faults);
        faults
    }

    /// Notes the keys, also those of objects within, that a schema does not name.
    fn note_unnamed(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let parts = self.parts(schema);
        for (key, inner) in value.as_object().into_iter().flatten() {
            let place = format!("{place}/{key}");
            match parts.iter().find_map(|part| part["properties"].get(key)) {
                Some(named) => self.note_unnamed(named, inner, &place, faults),
                None => faults.push(format!("{place} is not named")),
            }
        }
        let of_each = parts.iter().find_map(|part| part.get("items"));
        for (inner, schema) in value.as_array().into_iter().flatten().zip(of_each.into_iter().cycle()) {
            self.note_unnamed(schema, inner, place, faults);
        }
    }

    /// A schema with those that it is made of.
    fn parts<'s>(&'s self, schema: &'s Value) -> Vec<&'s Value> {
        let named = schema["$ref"].as_str().map(|name| self.document.pointer(&name[1..]).unwrap());
        let listed = ["allOf", "anyOf"].into_iter().filter_map(|list| schema[list].as_array()).flatten();
        let inner = named.into_iter().chain(listed).flat_map(|part| self.parts(part));
        std::iter::once(schema).chain(inner).collect()
    }

    /// The keys of an entry's objects.
    pub fn keys(&self, entry: &str) -> BTreeSet<String> {
        let parts = self.parts(&self.document["$defs"][entry]);
        let properties = parts.iter().filter_map(|part| part["properties"].as_object());
        properties.flat_map(|properties| properties.keys().cloned()).collect()
    }

    /// All keys, and all words of closed sets.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        note_names(&self.document["$defs"], &mut names);
        names
    }
}

fn note_names(value: &Value, names: &mut BTreeSet<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        match (key.as_str(), inner) {
            ("properties", Value::Object(keys)) => names.extend(keys.keys().cloned()),
            ("enum", Value::Array(words)) => names.extend(words.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
        note_names(inner, names);
    }
    value.as_array().into_iter().flatten().for_each(|inner| note_names(inner, names));
}

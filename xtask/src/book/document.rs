//! A Markdown file as links, anchors and code blocks.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use xtask::{Result, read, slug};

/// The folder of the book's pages.
pub const BOOK: &str = "docs/book/src";

/// A parsed Markdown file.
#[derive(Debug, Default)]
pub struct Document {
    /// Path from the root of the repository, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// What a fragment of a link can name: headings, and elements with an id.
    pub anchors: HashSet<String>,
    /// Links and images.
    pub links: Vec<Link>,
    /// Code blocks with a fence.
    pub blocks: Vec<Block>,
}

/// A link or an image.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// Line, from 1.
    pub line: usize,
    /// The address; `None` if it names a reference that is not defined.
    pub target: Option<String>,
}

/// A code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Line of the opening fence, from 1.
    pub line: usize,
    /// The words behind the fence: `rust,no_run`, `sh run`.
    pub info: String,
    /// The lines between the fences.
    pub text: String,
}

impl Block {
    /// The language, which is the first word of the fence.
    pub fn language(&self) -> &str {
        self.words().next().unwrap_or_default()
    }

    /// The words behind the language.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.words().skip(1)
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.info.split([',', ' ', '\t']).filter(|word| !word.is_empty())
    }
}

/// Every document of the repository, by its path.
pub fn all(root: &Path) -> Result<BTreeMap<String, Document>> {
    let mut paths = Vec::new();
    collect(root, "", false, &mut paths)?;
    for folder in ["docs", "bench"] {
        if root.join(folder).is_dir() {
            collect(root, folder, folder == "docs", &mut paths)?;
        }
    }
    if root.join("bench/results").is_dir() {
        collect(root, "bench/results", false, &mut paths)?;
    }
    paths
        .into_iter()
        .map(|path| {
            let text = read(&root.join(&path))?;
            Ok((path.clone(), parse(&path, text)))
        })
        .collect()
}

fn collect(root: &Path, folder: &str, deep: bool, paths: &mut Vec<String>) -> Result {
    let entries =
        std::fs::read_dir(root.join(folder)).map_err(|error| format!("cannot list {folder:?}: {error}"))?;
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if entry.path().is_dir() {
            if deep {
                collect(root, &path, true, paths)?;
            }
        } else if path.ends_with(".md") {
            paths.push(path);
        }
    }
    Ok(())
}

/// Parses a document.
pub fn parse(path: &str, text: String) -> Document {
    let mut document = Document { path: path.to_owned(), ..Document::default() };
    let lines = Lines::of(&text);
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    if path.starts_with(BOOK) {
        options |= Options::ENABLE_HEADING_ATTRIBUTES; // mdBook knows them, GitHub does not
    }
    let mut undefined = Vec::new();
    let mut note_undefined = |link: BrokenLink<'_>| {
        // `[0]` alone is text; `[text][name]` was meant as a link.
        if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
            undefined.push(Link { line: lines.number(link.span.start), target: None });
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(&text, options, Some(&mut note_undefined));
    let mut slugs = Slugs::default();
    let mut heading: Option<(Option<String>, String)> = None;
    let mut block: Option<Block> = None;
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                heading = Some((id.map(|id| id.into_string()), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((id, title)) = heading.take() {
                    document.anchors.insert(id.unwrap_or_else(|| slugs.slug(&title)));
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let (line, target) = (lines.number(range.start), Some(dest_url.into_string()));
                document.links.push(Link { line, target });
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let line = lines.number(range.start);
                block = Some(Block { line, info: info.into_string(), text: String::new() });
            }
            Event::End(TagEnd::CodeBlock) => document.blocks.extend(block.take()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(block) = &mut block {
                    block.text.push_str(&part);
                }
                if let Some((_, title)) = &mut heading {
                    title.push_str(&part);
                }
            }
            Event::Html(part) | Event::InlineHtml(part) => document.anchors.extend(ids(&part)),
            _ => {}
        }
    }
    document.links.append(&mut undefined);
    document.text = text;
    document
}

/// The identifiers of elements in a piece of HTML.
fn ids(html: &str) -> impl Iterator<Item = String> {
    [" id=\"", " name=\""].into_iter().flat_map(move |start| {
        let after = html.split(start).skip(1);
        after.filter_map(|rest| rest.split_once('"')).map(|(id, _)| id.to_owned())
    })
}

/// Anchors of one document: a title that occurs again gets a number.
#[derive(Default)]
struct Slugs(HashMap<String, usize>);

impl Slugs {
    fn slug(&mut self, title: &str) -> String {
        let slug = slug(title);
        let count = self.0.entry(slug.clone()).or_default();
        *count += 1;
        if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
    }
}

/// The offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect())
    }

    /// The number of the line, from 1, that has this offset.
    fn number(&self, offset: usize) -> usize {
        self.0.partition_point(|&start| start <= offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Document {
        parse("README.md", text.to_owned())
    }

    #[test]
    fn anchors_are_those_of_github() {
        let document = parsed(
            "# A `b_c` & d!\n\n## Twice\n\n## Twice\n\n<a id=\"here\"></a>\n\n```md\n# no heading\n```\n",
        );
        let mut anchors: Vec<&str> = document.anchors.iter().map(String::as_str).collect();
        anchors.sort_unstable();
        assert_eq!(anchors, ["a-b_c--d", "here", "twice", "twice-1"]);
    }

    #[test]
    fn links_are_found_with_their_lines() {
        let document =
            parsed("[a](b.md#c)\n![d](e.png)\n\n- see [f][g] and [h][missing], `[i](j)`\n\n[g]: k.md\n");
        let links: Vec<(usize, Option<&str>)> =
            document.links.iter().map(|link| (link.line, link.target.as_deref())).collect();
        assert_eq!(links, [(1, Some("b.md#c")), (2, Some("e.png")), (4, Some("k.md")), (4, None)]);
    }

    #[test]
    fn blocks_keep_fence_line_and_text() {
        let document = parsed(
            "text\n\n- item\n\n  ```rust,no_run\n  let a = 1;\n\n  b();\n  ```\n\n```sh run\nls\n```\n",
        );
        let [rust, sh] = document.blocks.as_slice() else { panic!("{document:?}") };
        assert_eq!((rust.line, rust.text.as_str()), (5, "let a = 1;\n\nb();\n"));
        assert_eq!((rust.language(), rust.attributes().collect::<Vec<_>>()), ("rust", vec!["no_run"]));
        assert_eq!((sh.line, sh.language(), sh.attributes().next()), (11, "sh", Some("run")));
    }
}

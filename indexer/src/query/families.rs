//! What people call files of certain extensions.

/// A family of extensions: its names, and the extensions.
pub(super) const FAMILIES: &[(&[&str], &[&str])] = &[
    (
        &["image", "images", "photo", "picture", "изображение", "фото", "картинка"],
        &[
            "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif", "svg", "raw", "cr2", "cr3",
            "nef", "arw", "dng", "psd", "ico", "avif",
        ],
    ),
    (
        &["video", "видео"],
        &["mp4", "mkv", "avi", "mov", "wmv", "webm", "m4v", "mpg", "mpeg", "flv", "3gp", "mts", "m2ts", "vob"],
    ),
    (
        &["audio", "music", "музыка", "аудио"],
        &["mp3", "flac", "wav", "ogg", "opus", "m4a", "aac", "wma", "aiff", "mid", "midi"],
    ),
    (
        &["document", "documents", "doc", "документ"],
        &["doc", "docx", "odt", "rtf", "pdf", "txt", "md", "pages", "tex", "epub", "djvu", "fb2", "xps"],
    ),
    (&["spreadsheet", "table", "таблица"], &["xls", "xlsx", "xlsm", "xlsb", "ods", "csv", "tsv", "numbers"]),
    (&["presentation", "slides", "презентация"], &["ppt", "pptx", "pptm", "odp", "key"]),
    (&["archive", "архив"], &["zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "zst", "iso", "cab", "jar", "lz4"]),
    (&["mail", "email", "почта"], &["eml", "msg", "pst", "ost", "mbox", "emlx"]),
    (
        &["code", "source", "код"],
        &[
            "c", "h", "cc", "cpp", "hpp", "cs", "rs", "go", "py", "js", "ts", "jsx", "tsx", "java", "kt", "swift",
            "rb", "php", "pl", "sh", "ps1", "sql", "html", "css", "scss", "lua", "r", "m", "vb", "pas",
        ],
    ),
    (&["database", "база"], &["db", "sqlite", "sqlite3", "mdb", "accdb", "dbf", "mdf", "ldf", "bak", "fdb", "1cd"]),
    (&["program", "application", "программа"], &["exe", "dll", "msi", "so", "apk", "deb", "rpm", "app", "dmg", "bat"]),
];

/// The extensions of a family.
pub(super) fn extensions(name: &str) -> Option<&'static [&'static str]> {
    FAMILIES.iter().find(|(names, _)| names.contains(&name)).map(|(_, extensions)| *extensions)
}

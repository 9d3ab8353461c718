//! `daylight superior`: what belongs to the level above, sealed to its key and carried to it.
//!
//! Two machines: on the superior's, `keygen` and `open`; here, `set-key`, `key` and `export`. The private key never
//! comes here.

use crate::{
    installation::Installation,
    outcome::{Outcome, Stop, file_error},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::{Args, Subcommand};
use daylight_app::{
    ops,
    superior::{self, Contents, PrivateFile, PublicFile},
};
use daylight_vault::RecipientKey;
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// 密封转交上级 Hand what belongs to the superior over, sealed
///
/// 属于上级管辖的反映，用上级的公钥密封后转交。keygen 和 open 在上级的电脑上用，其余在本县用。
/// Reports that belong to the level above are sealed to its public key.
#[derive(Args)]
pub struct Superior {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Keygen(Keygen),
    SetKey(SetKey),
    Key(Key),
    Export(Export),
    Open(Open),
}

impl Superior {
    /// Does it.
    pub async fn run(self) -> Outcome {
        match self.what {
            What::Keygen(keygen) => keygen.run(),
            What::SetKey(set) => set.run().await,
            What::Key(key) => key.run().await,
            What::Export(export) => export.run().await,
            What::Open(open) => open.run(),
        }
    }
}

/// 生成密钥（在上级的电脑上执行） Make a key pair, on the superior's machine
///
/// 生成两个文件：私钥（只留在上级的电脑上，请另存一份）和公钥（文件名加 .pub，交给各县）。
/// Writes the private key and, beside it with `.pub`, the public one.
#[derive(Args)]
struct Keygen {
    /// 私钥文件 File for the private key
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 上级机关的名称，例如 安江市纪委监委 The superior's name, as reporters see it
    #[arg(long)]
    name: String,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Keygen {
    fn run(self) -> Outcome {
        let json = self.json;
        self.make().map_err(|stop| stop.in_json(json))
    }

    fn make(self) -> Outcome {
        let private = PrivateFile { name: self.name.trim().to_owned(), key: RecipientKey::draw() };
        let public = private.public();
        if PublicFile::parse(&public.to_json()).is_err() {
            return Err(Stop::usage("请写上级机关的名称，最多100个字。"));
        }
        let beside = beside(&self.out);
        write_new(&self.out, private.to_json().as_bytes(), 0o600)?;
        write_new(&beside, public.to_json().as_bytes(), 0o644)?;
        let fingerprint = public.recipient.fingerprint();
        if self.json {
            let answer = json!({
                "event": "made", "private": self.out, "public": beside, "name": public.name,
                "fingerprint": fingerprint,
            });
            terminal::out(&answer.to_string());
            return Ok(());
        }
        terminal::out(&format!(
            "私钥：{}（只留在这台电脑上，另存一份到保险柜；丢失后，已密封的反映永远打不开）",
            self.out.display()
        ));
        terminal::out(&format!(
            "公钥：{}（交给各县，由技术人员执行 daylight superior set-key）",
            beside.display()
        ));
        terminal::out(&format!("指纹：{fingerprint}\n县里设置后，请打电话逐字核对指纹。"));
        Ok(())
    }
}

/// 设置上级的公钥 Configure the superior's public key
///
/// 设置后，属于上级管辖的反映会密封给上级，本县任何人都打不开。换密钥也用这个命令。
/// From then on reports that belong to the superior are sealed to it.
#[derive(Args)]
struct SetKey {
    /// 上级交来的公钥文件（.pub） The superior's public key file
    file: Option<PathBuf>,
    #[command(flatten)]
    place: Where,
    /// 取消上级密钥 Take the key away
    #[arg(long, conflicts_with = "file")]
    remove: bool,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl SetKey {
    async fn run(self) -> Outcome {
        let json = self.json;
        self.set().await.map_err(|stop| stop.in_json(json))
    }

    async fn set(self) -> Outcome {
        let new = match (&self.file, self.remove) {
            (Some(file), _) => {
                let text = read_small(file)?;
                Some(PublicFile::parse(&text).map_err(|error| Stop::refused(error.to_string()))?)
            }
            (None, true) => None,
            (None, false) => return Err(Stop::usage("请写明上级的公钥文件，或用 --remove 取消。")),
        };
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let installation = Installation::open(&settings).await?;
        let tx = installation.db.write().await?;
        let now = installation.clock.now();
        let before = superior::store::set_key(&tx, new.as_ref(), now).await?;
        let (action, subject, detail) = superior::store::key_words(new.as_ref());
        ops::note(&tx, action, subject, &detail, now).await?;
        tx.commit().await?;
        installation.close().await?;
        say_key(new.as_ref(), before.as_ref(), self.json);
        Ok(())
    }
}

/// 查看上级的公钥和指纹 Show the superior's key and its fingerprint
#[derive(Args)]
struct Key {
    #[command(flatten)]
    place: Where,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Key {
    async fn run(self) -> Outcome {
        let json = self.json;
        self.show().await.map_err(|stop| stop.in_json(json))
    }

    async fn show(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let installation = Installation::open(&settings).await?;
        let key = superior::store::key(installation.db.read()).await?;
        installation.close().await?;
        say_key(key.as_ref(), None, self.json);
        Ok(())
    }
}

fn say_key(key: Option<&PublicFile>, before: Option<&PublicFile>, json: bool) {
    let fingerprint = |key: &PublicFile| key.recipient.fingerprint();
    if json {
        let answer = json!({
            "event": "superior_key", "name": key.map(|key| &key.name), "fingerprint": key.map(fingerprint),
            "before": before.map(fingerprint),
        });
        terminal::out(&answer.to_string());
        return;
    }
    match key {
        Some(key) => {
            terminal::out(&format!("上级：{}\n指纹：{}", key.name, fingerprint(key)));
            terminal::out("请打电话给上级，逐字核对指纹；不一致时请立即用 --remove 取消。");
        }
        None => terminal::out("没有设置上级的公钥：属于上级管辖的反映不收，只显示上级的联系渠道。"),
    }
    if let Some(before) = before.filter(|before| Some(*before) != key) {
        terminal::out(&format!(
            "原来的密钥：{}（{}）。已经密封的仍要用原来的私钥打开。",
            before.name,
            fingerprint(before)
        ));
    }
}

/// 导出密封包，交给上级 Write the sealed packages to carry to the superior
///
/// 把还没有交给上级的密封包写成文件，并记下取走的日期（反映人凭编号和查询码能看到）。再执行一次不会重复。
/// Writes packages not yet fetched and marks them. Repeating it writes nothing twice.
#[derive(Args)]
struct Export {
    #[command(flatten)]
    place: Where,
    /// 输出目录 Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 连同以前取走的 Those fetched before, too
    #[arg(long)]
    all: bool,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Export {
    async fn run(self) -> Outcome {
        let json = self.json;
        self.write().await.map_err(|stop| stop.in_json(json))
    }

    async fn write(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let installation = Installation::open(&settings).await?;
        std::fs::create_dir_all(&self.out).map_err(|error| file_error(&self.out, &error))?;
        let packages = superior::store::packages(installation.db.read(), self.all).await?;
        let mut files = Vec::new();
        for package in &packages {
            let whose: String = package.recipient.chars().filter(|c| *c != ' ').take(8).collect();
            let path = self.out.join(format!("{whose}-{:06}.daylight", package.id));
            write_package(&installation, package.id, &path).await?;
            files.push(path);
        }
        // Only what is on disk under its name counts as fetched.
        File::open(&self.out)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| file_error(&self.out, &error))?;
        let now = installation.clock.now();
        let tx = installation.db.write().await?;
        let mut fetched = 0;
        for package in &packages {
            fetched += u64::from(superior::store::note_fetched(&tx, package.id, now).await?);
        }
        if !packages.is_empty() {
            let detail = format!("{} 件，其中新取走 {fetched} 件", packages.len());
            ops::note(&tx, "superior.export", "superior", &detail, now).await?;
        }
        tx.commit().await?;
        installation.close().await?;
        if self.json {
            let answer =
                json!({ "event": "exported", "folder": self.out, "files": files, "fetched": fetched });
            terminal::out(&answer.to_string());
        } else if files.is_empty() {
            terminal::out("没有等待转交的密封包。");
        } else {
            terminal::out(&format!(
                "已写出 {} 个密封包（新取走 {fetched} 个）到 {}。请送交上级；只有上级的私钥能打开。",
                files.len(),
                self.out.display()
            ));
        }
        Ok(())
    }
}

/// Writes a package whole or not at all. What stands there from before is written anew: it is the same.
async fn write_package(installation: &Installation, id: i64, path: &Path) -> Outcome {
    let part = path.with_extension("part");
    let failed = |error: std::io::Error| file_error(path, &error);
    let mut file = BufWriter::new(File::create(&part).map_err(failed)?);
    let mut number = 0;
    while let Some(piece) = superior::store::piece(installation.db.read(), id, number).await? {
        file.write_all(&piece).map_err(failed)?;
        number += 1;
    }
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

/// 打开密封包（在上级的电脑上执行） Open a package, on the superior's machine
///
/// 先核对整个文件，再显示反映的内容；加 --out 时把内容和附件写到目录里。
/// Checks the whole file, shows the report and, with --out, writes report and evidence.
#[derive(Args)]
struct Open {
    /// 密封包 The package
    file: PathBuf,
    /// 私钥文件 The private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// 把内容和附件写到这个新目录 Write report and evidence into this new folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Open {
    fn run(self) -> Outcome {
        let json = self.json;
        self.open().map_err(|stop| stop.in_json(json))
    }

    fn open(self) -> Outcome {
        let private = PrivateFile::parse(&read_small(&self.key)?);
        let private = private.map_err(|error| Stop::refused(error.to_string()))?;
        let package = File::open(&self.file).map_err(|error| file_error(&self.file, &error))?;
        let contents = match &self.out {
            Some(out) => extract(BufReader::new(package), &private.key, out)?,
            None => {
                let nowhere = |_: usize, _: &superior::File| Ok(std::io::sink());
                superior::unpack(BufReader::new(package), &private.key, nowhere).map_err(damaged)?
            }
        };
        if self.json {
            let answer = json!({ "event": "opened", "contents": contents, "folder": self.out });
            terminal::out(&answer.to_string());
        } else {
            terminal::out(&words(&contents));
            if let Some(out) = &self.out {
                terminal::out(&format!("内容和附件已写到 {}。", out.display()));
            }
        }
        Ok(())
    }
}

fn damaged(error: superior::OpenError) -> Stop {
    match error {
        superior::OpenError::Io(_) => Stop::failed(error.to_string()),
        _ => Stop::refused(error.to_string()),
    }
}

/// Writes report and evidence into a folder that appears under its name when all of it was right.
fn extract(package: impl Read, key: &RecipientKey, out: &Path) -> Outcome<Contents> {
    if out.exists() {
        return Err(Stop::refused(format!("{} 已经存在，不会覆盖。请换一个目录。", out.display())));
    }
    let above = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".daylight-open-").tempdir_in(above);
    let beside = beside.map_err(|error| file_error(above, &error))?;
    // Whoever reported chose the names of the files: none is used as a path.
    let place = |number: usize, file: &superior::File| {
        let ending = ending(&file.name);
        File::create_new(beside.path().join(format!("附件{}{ending}", number + 1))).map(BufWriter::new)
    };
    let contents = superior::unpack(package, key, place).map_err(damaged)?;
    let json = serde_json::to_vec_pretty(&contents).map_err(|error| Stop::failed(error.to_string()))?;
    let written = std::fs::write(beside.path().join("反映.json"), json)
        .and_then(|()| std::fs::write(beside.path().join("反映.txt"), words(&contents) + "\n"))
        .and_then(|()| std::fs::rename(beside.path(), out));
    written.map_err(|error| file_error(out, &error))?;
    Ok(contents)
}

/// ".jpg" of a name, where it is a plain one.
fn ending(name: &str) -> String {
    let plain = |ending: &&str| ending.len() <= 8 && ending.bytes().all(|c| c.is_ascii_alphanumeric());
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| !ending.is_empty());
    ending.filter(plain).map(|ending| format!(".{}", ending.to_ascii_lowercase())).unwrap_or_default()
}

/// The report on a terminal. What somebody typed must not move the cursor or set colours.
fn words(contents: &Contents) -> String {
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
    };
    let mut lines = vec![
        ("来自", plain(&contents.from)),
        ("受理编号", plain(&contents.number)),
        ("日期", plain(&contents.day)),
        ("类别", plain(&contents.kind)),
        ("反映对象", plain(&contents.object)),
    ];
    let (facts, who) = (&contents.facts, &contents.reporter);
    for (label, value) in [
        ("反映的人", &facts.who),
        ("时间", &facts.when),
        ("地点", &facts.place),
        ("金额", &facts.amount),
        ("发生了什么", &facts.what),
    ] {
        lines.push((label, plain(value)));
    }
    lines.extend(contents.points.iter().map(|point| ("要求答复", plain(point))));
    lines.push(("反映人", plain(&who.level)));
    for (label, value) in [("手机号", &who.phone), ("姓名", &who.name), ("身份证号", &who.citizen_id)]
    {
        lines.push((label, plain(value.as_deref().unwrap_or_default())));
    }
    if let Some(helper) = &who.helper {
        lines.push(("代填人", plain(&format!("{} {}", helper.name, helper.phone))));
    }
    for (number, file) in contents.files.iter().enumerate() {
        let size = terminal::bytes(file.bytes);
        let line = format!("第{}个：{}（{}，{size}）", number + 1, plain(&file.name), plain(&file.media));
        lines.push(("附件", line));
    }
    for file in &contents.listed {
        let (size, sha256) = (terminal::bytes(file.bytes), plain(&file.sha256));
        lines.push(("未随包的附件", format!("{}（{size}，SHA-256 {sha256}）", plain(&file.name))));
    }
    lines.extend(contents.named.iter().map(|named| ("登记的被反映人", plain(named))));
    // Of what the county took back nothing is told but that.
    let reason = if contents.facts.what.is_empty() { "收回说明" } else { "为什么转来" };
    lines.extend(contents.why.iter().map(|why| (reason, plain(why))));
    lines.extend(contents.steps.iter().map(|step| ("办理经过", plain(&happened(step)))));
    let lines = lines.into_iter().filter(|(_, value)| !value.is_empty());
    lines.map(|(label, value)| format!("{label}：{value}")).collect::<Vec<_>>().join("\n")
}

/// A step of a case in a line, with what was written below it.
fn happened(step: &superior::Step) -> String {
    let first = [&step.at, &step.by, &step.what, &step.more, &step.reason];
    let first: Vec<_> = first.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    let mut lines = vec![first.join(" ")];
    let written = [&step.text].into_iter().chain(&step.points).chain(&step.answers);
    lines.extend(written.filter(|text| !text.is_empty()).map(|text| format!("  {text}")));
    lines.join("\n")
}

fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Outcome {
    let mut open = OpenOptions::new();
    let file = open.write(true).create_new(true).mode(mode).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Stop::refused(format!("{} 已经存在，不会覆盖。请换一个文件名。", path.display()))
        }
        _ => file_error(path, &error),
    })?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| file_error(path, &error))
}

/// A key file is small; a wrong path must not fill memory.
fn read_small(path: &Path) -> Outcome<String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(1 << 16).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(Stop::refused("这不是上级密钥文件，或文件已损坏。"))
        }
        Err(error) => Err(file_error(path, &error)),
    }
}

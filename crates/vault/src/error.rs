//! What can go wrong. Messages speak to the operator and hold no secrets: no plaintext, key or sealed bytes.

use std::io;
use std::path::{Path, PathBuf};

/// Why the vault cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no key file.
    #[error("找不到密钥文件 {0}。首次安装请先创建密钥；如从备份恢复，请把原来的密钥文件放回此处。")]
    Missing(PathBuf),
    /// A key file stands where a new one was to be made. Writing over it would destroy data for ever.
    #[error("密钥文件 {0} 已经存在，不会覆盖：覆盖后已加密的数据将永远无法读取。")]
    Exists(PathBuf),
    /// The file may be read, or the folder written, by others.
    #[error("{path} 的权限是 {mode:o}，其他用户可以接触密钥。请执行：chmod {mend:o} {path}", path = .path.display())]
    Exposed {
        /// What is exposed.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        mend: u32,
    },
    /// A symbolic link, or not the kind of thing expected.
    #[error("{0} 不是普通的文件或目录（可能是符号链接），请换成真实的文件或目录。")]
    NotPlain(PathBuf),
    /// Reading or writing failed.
    #[error("无法读写 {path}：{source}", path = .path.display())]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The key file is not what this program wrote.
    #[error("密钥文件已损坏：{0}。请用密钥文件的备份替换。")]
    Damaged(&'static str),
    /// The key file was replaced by another one while this process ran.
    #[error("密钥文件 {0} 已被换成另一套密钥，与运行中的程序不一致。请立即查明原因。")]
    Swapped(PathBuf),
    /// The key file is wrapped and no master key was given.
    #[error("密钥文件由主密钥保护，但没有提供主密钥。请设置环境变量 DAYLIGHT_MASTER_KEY 或指定主密钥文件。")]
    NeedsMaster,
    /// A master key was given, but the key file is not wrapped. It may have been swapped.
    #[error("提供了主密钥，但密钥文件没有用主密钥保护。请确认密钥文件没有被替换。")]
    NotWrapped,
    /// The master key does not fit this key file.
    #[error("主密钥与密钥文件不符。")]
    WrongMaster,
    /// A master key is not 32 bytes in hexadecimal or Base64.
    #[error("主密钥的格式不对：应为 64 位十六进制数，或 32 字节的 Base64。")]
    MalformedMaster,
    /// A sealed value is too short or of a suite this version does not know.
    #[error("加密数据的格式无法识别，可能由更新的版本写入。")]
    Malformed,
    /// A sealed value names a key this vault does not hold.
    #[error("缺少第 {0} 号数据密钥，无法读取这项数据。请确认使用的是对应的密钥文件。")]
    UnknownKey(u32),
    /// A sealed value was changed, or stands in another place than it was sealed for.
    #[error("加密数据未通过校验：内容被改动，或被移到了别的位置。")]
    NotAuthentic,
    /// A sealed box is for another key.
    #[error("这个密封包是给另一把密钥的，请换用对应的私钥文件。")]
    OtherRecipient,
    /// The key still seals, so it cannot be forgotten.
    #[error("第 {0} 号数据密钥正在使用，不能销毁。请先轮换密钥。")]
    StillActive(u32),
    /// Some value still needs the key, so it cannot be forgotten.
    #[error("仍有数据由第 {0} 号数据密钥加密，不能销毁。请先完成重新加密。")]
    StillUsed(u32),
}

impl VaultError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

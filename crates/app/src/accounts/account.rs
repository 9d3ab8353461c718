//! What proves that somebody is who they say: password, one-time code, tokens. No SQL, no HTTP.

use crate::clock::Millis;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use sha2::{Digest, Sha256};

/// Why a password is too weak to be taken, in words for its owner.
pub fn weak_password(password: &str, login: &str) -> Option<&'static str> {
    let length = password.chars().count();
    let all_same = password.chars().next().is_some_and(|first| password.chars().all(|c| c == first));
    let kinds = [
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| c.is_lowercase()),
        password.chars().any(|c| c.is_uppercase()),
        password.chars().any(|c| !c.is_alphanumeric()),
        password.chars().any(|c| c.is_alphanumeric() && !c.is_ascii()),
    ];
    let kinds = kinds.into_iter().filter(|has| *has).count();
    if length < 10 {
        Some("密码至少10个字符，可以用一句只有您知道的话")
    } else if length > 200 {
        Some("密码太长，请不要超过200个字符")
    } else if all_same || (kinds < 2 && length < 16) {
        Some("密码太简单，请混合使用字母、数字、符号或汉字")
    } else if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        Some("密码里不要包含登录名")
    } else {
        None
    }
}

/// argon2id with the library's recommended cost (19 MiB, 2 passes): about 20 ms of one core.
pub fn hash_password(password: &str) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

/// Checks a password. Without a stored hash the same work is done, so that an unknown login takes
/// as long as a wrong password.
pub fn verify_password(password: &str, stored: Option<&str>) -> bool {
    match stored.and_then(|stored| PasswordHash::new(stored).ok()) {
        Some(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            // The work is what matters here, not its result.
            drop(hash_password(password));
            false
        }
    }
}

/// Hashes take 19 MiB each, so only a few run at once; who finds no turn within a few seconds is told
/// to try again.
static TURNS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// A place among the few hashes that run at once.
#[derive(Debug)]
pub struct Turn {
    _held: tokio::sync::SemaphorePermit<'static>,
}

/// Waits for a turn. None when too many wait.
pub async fn turn() -> Option<Turn> {
    let held = tokio::time::timeout(PATIENCE, TURNS.acquire()).await.ok()?.ok()?;
    Some(Turn { _held: held })
}

impl Turn {
    /// Runs [`hash_password`] or [`verify_password`] off the runtime's threads.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        // The turn goes with the work: a client that hangs up does not free it while the work runs on.
        let work = move || {
            let done = work();
            drop(self);
            done
        };
        tokio::task::spawn_blocking(work).await.ok()
    }
}

/// Waits for a turn and runs. None when too many wait.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    turn().await?.run(work).await
}

/// The second factor (RFC 6238): six digits, 30 seconds, one step of grace on either side.
#[derive(Debug)]
pub struct Totp(totp_rs::Totp);

impl Totp {
    /// From a secret of 20 bytes.
    pub fn new(secret: &[u8], login: &str, issuer: &str) -> Option<Totp> {
        let builder = totp_rs::Builder::new().with_secret(secret.to_vec()).with_account_name(login);
        // A colon separates issuer and account in the address and may stand in neither.
        builder.with_issuer(Some(issuer.replace(':', " "))).build().ok().map(Totp)
    }

    /// The time step for which a code is right.
    pub fn check(&self, code: &str, now: Millis) -> Option<i64> {
        let code = daylight_ids::text::squash(code);
        if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0.check(&code, seconds(now)).and_then(|step| i64::try_from(step).ok())
    }

    /// The code of the moment, for the demonstration and tests.
    pub fn code(&self, now: Millis) -> String {
        self.0.generate(seconds(now)).to_string()
    }

    /// The address behind the QR code.
    pub fn url(&self) -> String {
        self.0.to_url().unwrap_or_default()
    }
}

fn seconds(now: Millis) -> u64 {
    u64::try_from(now / 1_000).unwrap_or(0)
}

/// 256 random bits as text, for sessions and invitations.
pub fn new_token() -> String {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

/// What is stored of a token. It has 256 bits: a plain hash cannot be searched.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        for weak in ["short1A", "aaaaaaaaaaaa", "1234567890", "lin.zhiyuan2026"] {
            assert!(weak_password(weak, "lin.zhiyuan").is_some(), "{weak}");
        }
        for good in ["correct horse battery", "青石镇门前有三棵树abc", "Tz7#kdw9Qp"] {
            assert_eq!(weak_password(good, "lin.zhiyuan"), None, "{good}");
        }
    }

    #[test]
    fn a_password_is_verified_against_its_own_hash_only() {
        let hash = hash_password("青石镇门前三棵树").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password("青石镇门前三棵树", Some(&hash)));
        assert!(!verify_password("青石镇门前两棵树", Some(&hash)));
        assert!(!verify_password("青石镇门前三棵树", None));
    }

    #[test]
    fn a_code_is_right_for_its_step_and_its_neighbours_only() {
        let totp = Totp::new(&[7; 20], "lin.zhiyuan", "安澜县").unwrap();
        let now = 1_800_000_000_000;
        let code = totp.code(now);
        let step = totp.check(&code, now);
        assert!(step.is_some());
        assert_eq!(totp.check(&code, now + 30_000), step);
        assert_eq!(totp.check(&code, now + 90_000), None);
        assert_eq!(totp.check("12345", now), None);
    }
}

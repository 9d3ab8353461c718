//! A small world for tests: an application on each engine, with a clock that stands still.

use daylight_app::{
    cache::PageCache,
    clock::Clock,
    imports::{
        Plan, find_files,
        run::{apply, plan},
        store::By,
    },
    migrations,
    web::{App, Config, Parts},
};
use daylight_db::testing::{TestDb, engines};
use daylight_vault::Vault;
use std::{path::PathBuf, sync::Arc};

/// 2026-11-22 10:00 in Beijing.
pub const NOW: i64 = 1_795_312_800_000;

/// An application and what it stands on.
pub struct World {
    pub app: App,
    pub test: TestDb,
    _folder: tempfile::TempDir,
}

/// A fresh application on each engine.
pub async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for test in engines().await {
        migrations::migrate(&test.db).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::create(&folder.path().join("keys"), NOW / 1000).unwrap());
        let config = Config {
            data: folder.path().to_owned(),
            base_url: "http://127.0.0.1".into(),
            demo: false,
            secure_cookies: false,
        };
        let parts = Parts {
            db: test.db.clone(),
            vault,
            clock: Clock::hand(NOW),
            cache: PageCache::default(),
            config,
        };
        worlds.push(World { app: App::new(parts), test, _folder: folder });
    }
    worlds
}

/// The county's four files as its offices sent them.
pub fn handover() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/handover")
}

impl World {
    /// What an import of these files would do.
    pub async fn plan(&self, paths: &[PathBuf]) -> Plan {
        let inputs = find_files(paths).unwrap();
        plan(&self.app.db, self.app.vault.clone(), inputs, Default::default(), |_| {}).await.unwrap()
    }

    /// Takes files over as the operator does.
    pub async fn import(&self, paths: &[PathBuf]) -> daylight_app::imports::Report {
        let plan = self.plan(paths).await;
        let by = By { account_id: None, name: "operator".into(), import_id: None };
        apply(&self.app.db, &self.app.vault, &self.app.clock, plan, &by, &|_, _| {}).await.unwrap()
    }
}

//! The county hands over its own files.

use crate::world::{handover, worlds};

#[tokio::test]
async fn the_countys_own_files_are_taken_as_they_are() {
    for world in worlds().await {
        let report = world.import(&[handover()]).await;
        for file in &report.files {
            println!("{} {} read {} taken {} refused {} ignored {} flagged {}", file.file, file.kind, file.read, file.taken, file.refused, file.ignored, file.flagged);
            let mut by = std::collections::BTreeMap::new();
            for p in &file.problems { *by.entry((p.severity, p.code.clone())).or_insert(0) += 1; }
            println!("{by:?}");
            for p in file.problems.iter().filter(|p| p.severity == daylight_app::imports::Severity::Error) { println!("{p:?}"); }
            println!("{:?}", file.ignored_rows);
        }
        println!("{} {} {}", report.created, report.updated, report.unchanged);
        let again = world.import(&[handover()]).await;
        println!("{} {} {} {:?}", again.created, again.updated, again.unchanged, again.differences.iter().take(3).collect::<Vec<_>>());
    }
}

use super::strange;
use crate::{accounts, authz::Role, cases::routing};
use daylight_db::{exec, scalar, values};

#[tokio::test]
async fn rights_that_were_written_past_the_program_are_strange_to_the_trail() {
    for crate::cases::testing::County { test, .. } in crate::cases::testing::counties().await {
        let tx = test.db.write().await.unwrap();
        let seed = routing::store::table(&*tx).await.unwrap();
        routing::store::set_table(&tx, &seed, None, 5).await.unwrap();
        let account: i64 = scalar(&*tx, "SELECT MIN(account_id) FROM grants", values![]).await.unwrap();
        let grant: i64 = scalar(&*tx, "SELECT MIN(id) FROM grants", values![]).await.unwrap();
        accounts::store::grant(&tx, account, Role::Publisher, None, None, None, 5).await.unwrap();
        accounts::store::end_grant(&tx, grant, 6).await.unwrap();
        routing::store::tie(&tx, account, None).await.unwrap();
        tx.commit().await.unwrap();
        let told = || async {
            let (_, found) = strange(&test.db).await.unwrap();
            found.into_iter().map(|(rows, group)| format!("{} {group}", rows.table)).collect::<Vec<_>>()
        };
        // What the small county wrote past the program.
        let before = told().await;
        let (grants, people) = (format!("grants {account}"), format!("accounts {account}"));
        for (harm, what, back) in [
            (
                "INSERT INTO grants (account_id, role, granted_at) SELECT MIN(account_id), 'audit_admin', 0 FROM grants",
                grants.as_str(),
                "DELETE FROM grants WHERE role = 'audit_admin'",
            ),
            (
                "UPDATE grants SET ended_at = NULL WHERE ended_at = 6",
                &grants,
                "UPDATE grants SET ended_at = 6 WHERE id = (SELECT MIN(id) FROM grants)",
            ),
            (
                "UPDATE grants SET role = 'leader' WHERE role = 'publisher'",
                &grants,
                "UPDATE grants SET role = 'publisher' WHERE granted_at = 5",
            ),
            (
                "UPDATE accounts SET cadre_id = (SELECT MAX(id) FROM cadres) WHERE id = (SELECT MIN(account_id) FROM grants)",
                &people,
                "UPDATE accounts SET cadre_id = NULL WHERE id = (SELECT MIN(account_id) FROM grants)",
            ),
            (
                "INSERT INTO routing_rules (version, content, made_at) SELECT 2, content, made_at FROM routing_rules",
                "routing_rules 2",
                "DELETE FROM routing_rules WHERE version = 2",
            ),
            ("DELETE FROM routing_rules", "routing_rules 1", ""),
        ] {
            let change = async |sql: &str| {
                let tx = test.db.write().await.unwrap();
                exec(&*tx, sql, values![]).await.unwrap();
                tx.commit().await.unwrap();
            };
            change(harm).await;
            let mut now = told().await;
            now.retain(|one| !before.contains(one));
            assert_eq!(now, [what], "{harm}");
            if !back.is_empty() {
                change(back).await;
                assert_eq!(told().await, before, "{back}");
            }
        }
    }
}

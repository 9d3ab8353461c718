//! The arithmetic as a reader follows it.

use super::{FINE_FROM, Score};

fn points(part: f64) -> i64 {
    (part * 100.0).round() as i64
}

impl Score {
    /// How the figure came about, a sentence a line; `class` names the peers: "乡镇站所负责人".
    #[must_use]
    pub fn lines(&self, class: &str) -> Vec<String> {
        let mut lines = vec![format!(
            "有效评价{}票。每票先取各题的平均：五档答案从好到差记100、75、50、25、0分，“不了解”不计；各票再平均，约{}分。",
            self.n,
            points(self.shown_mean())
        )];
        lines.push(self.towards(class));
        let figure = self.figure();
        lines.push(format!(
            "误差：答案的分散系数为{:.1}（1表示全是最好或最差），{}票约相当于{:.0}次独立的好坏表态；\
             按威尔逊区间（95%，系数{:.2}），真实看法在{}到{}分之间。",
            self.shown_dispersion(),
            self.n,
            self.n as f64 / self.shown_dispersion(),
            self.interval.quantile,
            figure.low,
            figure.high
        ));
        lines.push(if self.n < FINE_FROM {
            format!(
                "结果：{}分。不足{FINE_FROM}票的，分数按5分一档显示，以免从变化中推出某一票。",
                figure.score
            )
        } else {
            format!("结果：{}，取整数。", figure.text())
        });
        lines
    }

    fn towards(&self, class: &str) -> String {
        let Some(peers) = self.peers else {
            return format!("同类岗位（{class}）可比的不足{}个，不作调整。", super::LEAST_PEERS);
        };
        let own = format!(
            "同类岗位（{class}）{}个，平均{}分。票数越少，越向同类平均靠拢：本人占{:.2}，同类占{:.2}",
            peers.count,
            points(peers.mean),
            self.weight,
            1.0 - self.weight
        );
        if self.limited {
            format!(
                "{own}；靠拢最多一个标准误（约{}分），这里到此为止，约{}分。",
                points(self.error).max(1),
                self.figure().score
            )
        } else {
            format!("{own}，约{}分。", self.figure().score)
        }
    }
}

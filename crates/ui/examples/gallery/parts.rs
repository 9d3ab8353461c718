//! Every part with a name and an example: documentation, and the fixture of `tests/gallery.rs`.

use daylight_ui::chart::{Bars, Line, Share, Sparkline};
use daylight_ui::form::{Choice, Errors, Field, Form, Width};
use daylight_ui::tilemap::{Tile, TileMap};
use daylight_ui::{
    Action, Actions, Chips, ComingLater, Confirmation, Details, Diff, Doors, Drawing, Empty, Entries, Entry,
    Event, Figure, Figures, Heading, Html, Lamp, Link, Missing, Notice, NoticeKind, Overdue, Pagination,
    Progress, Qr, Risk, RiskLevel, SearchBox, Section, Step, Steps, SummaryList, Table, Tabs, Tag, Timeline,
    Warning, When,
};

/// The whole gallery as the body of a page.
pub fn body() -> Html {
    let shown = all().into_iter().map(|(name, part)| Section::new(name, part).into());
    let head =
        Heading::new("部件图册").kicker("daylight-ui").lead("每个部件一个例子。既是说明，也是测试的样本。");
    std::iter::once(Html::from(head)).chain(shown).collect()
}

fn all() -> Vec<(&'static str, Html)> {
    vec![
        ("Tag · Lamp · Warning · Overdue", marks()),
        ("Figures", figures().into()),
        ("Entries", entries().into()),
        ("Doors", doors().into()),
        ("SummaryList", facts().into()),
        ("Table", table().into()),
        ("Tabs", tabs().into()),
        ("SearchBox · Chips · Pagination", finding()),
        ("Actions", actions().into()),
        ("Steps", steps().into()),
        ("Timeline", timeline().into()),
        ("Notice", notices()),
        ("Missing", missing().into()),
        ("Empty", empty()),
        ("ComingLater", later().into()),
        ("Details", details().into()),
        ("Progress", progress().into()),
        ("Diff", diff().into()),
        ("Qr", Qr::new("扫码看本村公开", "https://anlan.example.cn/v/qingshi").into()),
        ("form::Errors · form::Form · form::Field", form()),
        ("chart::Bars", bars().into()),
        ("chart::Line · chart::Sparkline", lines()),
        ("chart::Share", share().into()),
        ("tilemap::TileMap", map().into()),
    ]
}

pub fn marks() -> Html {
    let row = |parts: Vec<Html>| {
        let spaced: Vec<String> = parts.iter().map(Html::to_string).collect();
        Html::trusted(format!("<p class=\"heading-tags\">{}</p>", spaced.join(" ")))
    };
    let lamps = [Lamp::Waiting, Lamp::Yellow, Lamp::Red, Lamp::Done].map(|lamp| lamp.tag().into());
    let mut first = lamps.to_vec();
    first.push(Overdue { days: 3 }.into());
    let words = vec![Tag::neutral("村务公开").into(), Tag::good("已核对").into(), Tag::bad("已撤回").into()];
    let warnings = Warning::ALL.map(|level| level.tag().into()).to_vec();
    Html::trusted(format!("<div class=\"stack\">{}{}{}</div>", row(first), row(warnings), row(words)))
}

pub fn figures() -> Figures {
    Figures::new([
        Figure::new("875", "个", "接受监督的单位").href("/units"),
        Figure::new("9,484", "项", "公开的权力").href("/powers"),
        Figure::new("1,605", "万次", "群众评价").note("其中 96.2% 已核验手机"),
        Figure::new("312", "件", "本季度办结的反映").note("查实 41 件，满意 88%").href("/reports/closed"),
    ])
}

pub fn entries() -> Entries {
    Entries::new([
        Entry::new("2026年第三季度农村低保对象名单公示", "/p/1")
            .margin("2026年11月18日")
            .fact("青石镇石桥村")
            .fact(Tag::neutral("仅本村可见"))
            .fact("公示至11月25日"),
        Entry::new("县道 X012 养护工程中标结果", "/p/2")
            .margin("2026年11月17日")
            .fact("县交通运输局")
            .fact("工程项目"),
        Entry::new("关于调整城乡居民基本医疗保险缴费档次的决定", "/p/3")
            .margin("2026年11月15日")
            .summary("经县政府常务会议讨论通过，自2027年1月1日起施行。")
            .fact("县医疗保障局")
            .fact(Tag::good("已核对")),
    ])
}

pub fn doors() -> Doors {
    [
        ("四大机构", "4 个"),
        ("县级部门", "46 个"),
        ("乡镇", "23 个"),
        ("村", "318 个"),
        ("社区", "41 个"),
        ("学校", "287 个"),
        ("医院", "98 个"),
        ("国有企业", "58 个"),
    ]
    .into_iter()
    .fold(Doors::new(), |doors, (name, count)| doors.door(name, "/units", count))
}

pub fn facts() -> SummaryList {
    SummaryList::new()
        .row("单位类别", "乡镇")
        .row("统一社会信用代码", "11990102MB0X00013K")
        .row("监督电话", Link::new("0990-5550123", "tel:09905550123"))
        .row("办公地址", "")
        .row_with("手机号码", "139****5678", Link::new("修改", "/contact"))
}

pub fn table() -> Table {
    let mut table = Table::new(
        "待办的反映",
        [
            "编号".into(),
            "内容".into(),
            "指示灯".into(),
            "到期".into(),
            daylight_ui::Column::figures("剩余工作日"),
        ],
    );
    let rows = [
        ("AL-7K2M-9QXD", "村集体鱼塘承包没有公开招标", Lamp::Yellow, "2026年11月20日", Err(1)),
        ("AL-3F8T-1WNB", "危房改造补助迟迟没有发放", Lamp::Red, "2026年12月4日", Ok(9)),
        ("AL-9C5R-6HYV", "办理宅基地手续时被要求额外交费", Lamp::Waiting, "2026年12月11日", Ok(14)),
    ];
    for (number, text, lamp, day, left) in rows {
        let left_cell: Html = match left {
            Ok(days) => i32::to_string(&days).into(),
            Err(days) => Overdue { days }.into(),
        };
        let cells =
            [Link::new(number, "/cases/1").into(), text.into(), lamp.tag().into(), day.into(), left_cell];
        table.push(cells, left.is_err());
    }
    table
}

pub fn tabs() -> Tabs {
    Tabs::new("青石镇的资料")
        .tab("权力清单", "/unit", true, Some(128))
        .tab("行权公开", "/unit?p=2", false, Some(1406))
        .tab("干部岗位", "/unit?p=3", false, Some(37))
        .tab("群众评价", "/unit?p=4", false, None)
        .tab("单位概况", "/unit?p=5", false, None)
}

fn finding() -> Html {
    let search = SearchBox {
        large: true,
        example: "例如：低保、宅基地、青石镇".into(),
        ..SearchBox::new("/search", "找单位、权力、公开事项", "")
    };
    let chips = Chips::new("单位类别")
        .chip("全部", "?", true, Some(875))
        .chip("乡镇", "?c=3", false, Some(23))
        .chip("村", "?c=4", false, Some(318))
        .chip("学校", "?c=6", false, Some(287));
    let pages = Pagination::numbered(5, 44, |n| format!("?page={n}")).total("共 875 个单位");
    stack([search.into(), chips.into(), pages.into()])
}

/// Parts one under another, as a page template does it.
pub fn stack(parts: impl IntoIterator<Item = Html>) -> Html {
    let inner: Html = parts.into_iter().collect();
    Html::trusted(format!("<div class=\"stack\">{inner}</div>"))
}

fn actions() -> Actions {
    Actions::new([
        Action::link("我要反映", "/reports/new"),
        Action::link("查进度", "/reports/find").second(),
        Action::link("撤回公开", "/withdraw").grave(),
    ])
}

pub fn steps() -> Steps {
    Steps::new([
        Step {
            id: String::new(),
            title: "申请".into(),
            post: "村民小组长".into(),
            limit: "当场".into(),
            body: "申请人提交户口簿、身份证明和书面申请，村里当场登记并给回执。".into(),
            risks: Vec::new(),
        },
        Step {
            id: String::new(),
            title: "民主评议".into(),
            post: "村党支部书记".into(),
            limit: "10个工作日".into(),
            body: "召开村民代表会议评议，到会不少于三分之二，结果当场公布。".into(),
            risks: vec![Risk {
                mark: RiskLevel::High.tag().into(),
                text: "优亲厚友，替不符合条件的人说情。".into(),
                measure: "近亲属回避；会议全程录像，存档两年。".into(),
            }],
        },
        Step {
            id: String::new(),
            title: "审核".into(),
            post: "镇民政办主任".into(),
            limit: "15个工作日".into(),
            body: "入户核查，与车辆、房产、工商、财政供养人员名册比对。".into(),
            risks: vec![Risk {
                mark: RiskLevel::Medium.tag().into(),
                text: "入户核查走过场。".into(),
                measure: "两人以上入户，照片带时间。".into(),
            }],
        },
        Step {
            id: String::new(),
            title: "公示".into(),
            post: "镇民政办".into(),
            limit: "7天".into(),
            body: "在村公示栏和本平台公示，只对本村村民可见。".into(),
            risks: Vec::new(),
        },
    ])
}

pub fn timeline() -> Timeline {
    let event = |when, date: &str, title: &str, body: &str| Event {
        when,
        date: date.into(),
        title: title.into(),
        body: body.into(),
    };
    Timeline::new([
        event(When::Done, "2026年11月3日 9:05", "收到您的反映", ""),
        event(
            When::Done,
            "2026年11月5日",
            "已受理",
            "由县纪委第二派出纪工委办理。被反映的单位和人看不到这件事。",
        ),
        event(
            When::Now,
            "到期 2026年12月3日（还有9个工作日）",
            "调查核实",
            "中央八项规定精神、资金拨付两方面。",
        ),
        event(When::Later, "", "答复您", "您可以评价满意或不满意；不满意会自动转上级。"),
    ])
}

fn notices() -> Html {
    stack([
        Notice::new(NoticeKind::Info, "今天是国务院安排的调休上班日，计入工作日。").into(),
        Notice::new(NoticeKind::Success, "已保存。").into(),
        Notice::new(NoticeKind::Warning, "这份名单里可能有身份证号码，请先检查第 12、30 行。").into(),
        Notice::new(NoticeKind::Danger, "没有保存：文件第 8 行的日期写成了 2026-13-01。").into(),
    ])
}

pub fn missing() -> Missing {
    Missing {
        text: "2026年第三季度村级财务，应于2026年10月15日前公开，已超期22个工作日。".into(),
        action: Some(Link::new("催一催", "/obligations/7/nudge")),
    }
}

fn empty() -> Html {
    stack([
        Empty::new(Drawing::Board, "还没有公开事项")
            .text("这个单位应在每季度第一个月15日前公开。")
            .action("看应公开清单", "/obligations")
            .into(),
        Empty::new(Drawing::Glass, "没有找到「渔塘承包」").text("换个词试试，例如「鱼塘」「承包」。").into(),
        Empty::new(Drawing::Tray, "没有待办").text("新的反映分派给您后会出现在这里。").into(),
        Empty::new(Drawing::Sun, "都办完了").text("本周的反映全部在期限内办结。").into(),
    ])
}

fn later() -> ComingLater {
    ComingLater {
        title: "家风学堂".into(),
        text: "建成后可以在这里学习廉洁家风课程。现在可以先看县纪委的学习资料。".into(),
        action: Some(Link::new("看学习资料", "/learning")),
    }
}

pub fn details() -> Details {
    Details::new(
        "这个期限是怎么算的？",
        SummaryList::new()
            .row("依据", "《信访工作条例》第二十三条：自收到之日起15日内")
            .row("起算", "2026年11月3日收到，次日起算")
            .row("日历", "2026年工作日历第2版"),
    )
}

fn progress() -> Progress {
    Progress {
        id: "import-1".into(),
        label: "正在导入村民名册".into(),
        done: 12_400,
        total: 38_400,
        unit: "行".into(),
        poll_href: None,
    }
}

fn diff() -> Diff {
    Diff::of(
        "第2版（2026年11月18日）与第1版相比",
        "石桥村低保对象共31户56人，月补助标准420元，由村委会负责解释。",
        "石桥村低保对象共29户52人，月补助标准460元，由青石镇民政办负责解释，监督电话0990-5550123。",
    )
}

pub fn form() -> Html {
    let mut errors = Errors::new();
    errors.add("phone", "手机号码应为 11 位数字");
    errors.add("day", "请填写真实的日期，例如 2026年11月3日");
    let form = Form::post("/reports/new", "继续")
        .hidden("key", "01J9X2")
        .field(
            Field::radios(
                "level",
                "您想怎样反映",
                [
                    Choice::new("anonymous", "匿名").hint("不留姓名和电话，凭查询码看结果"),
                    Choice::new("phone", "留手机号").hint("只用来告诉您办理进展"),
                    Choice::new("real", "实名").hint("优先办理、优先答复"),
                ],
            )
            .value("phone"),
        )
        .field(
            Field::text("phone", "手机号码")
                .hint("只有办理人能看到")
                .value("1390000")
                .numeric()
                .autocomplete("tel")
                .check(&errors),
        )
        .field(
            Field::textarea("text", "事情的经过", 5)
                .hint("什么人、什么时间、什么地方、什么事。")
                .value("村里的鱼塘"),
        )
        .field(
            Field::date("day", "事情发生的日期")
                .hint("记不清可以只写年份")
                .value("2026-13-")
                .check(&errors)
                .optional(),
        )
        .field(Field::select("unit", "涉及的单位", [Choice::new("1", "青石镇"), Choice::new("2", "石桥村")]))
        .field(Field::checkboxes(
            "kind",
            "属于哪些方面",
            [Choice::new("1", "惠农补贴"), Choice::new("2", "集体资产"), Choice::new("3", "工程项目")],
        ))
        .field(Field::number("amount", "涉及金额").suffix("元").width(Width::Short).optional())
        .field(
            Field::password("password", "查询密码")
                .hint("至少 8 位，请记在纸上")
                .autocomplete("new-password"),
        )
        .field(Field::file("proof", "照片或录音", "image/*,audio/*", 20 << 20).hint("最多 9 个。").optional())
        .action(Action::link("保存草稿", "/draft").second());
    stack([errors.summary().into(), form.into()])
}

pub fn bars() -> Bars {
    let mut bars = Bars::new("本季度反映按类别", "类别", "件")
        .bar("惠农补贴", 96.0)
        .bar("集体资产", 71.0)
        .bar("工程项目", 44.0)
        .bar("办事态度", 38.0)
        .bar("其他", 12.0);
    bars.items[1].marked = true;
    bars
}

fn lines() -> Html {
    let months =
        [(1, 21.0), (2, 14.0), (3, 25.0), (4, 31.0), (5, 28.0), (6, 36.0), (7, 33.0), (8, 41.0), (9, 38.0)];
    let line = months
        .into_iter()
        .fold(Line::new("2026年每月办结的反映", "月", "件"), |line, (m, n)| {
            line.point(format!("{m}月"), Some(n))
        })
        .point("10月", None)
        .point("11月", Some(44.0));
    let spark = Sparkline {
        words: "近11个月由21件增至44件".into(),
        values: months.iter().map(|(_, n)| Some(*n)).chain([None, Some(44.0)]).collect(),
    };
    stack([line.into(), Html::trusted(format!("<p>青石镇 {spark} 44 件</p>"))])
}

pub fn share() -> Share {
    Share::new("share-1", "群众对「低保审核」的评价", "票")
        .part("满意", 182.0)
        .part("基本满意", 64.0)
        .part("一般", 23.0)
        .part("不满意", 17.0)
}

pub fn map() -> TileMap {
    let names = [
        ("青石镇", 96, 4),
        ("云溪镇", 91, 4),
        ("白沙镇", 84, 3),
        ("松林镇", 88, 3),
        ("河湾镇", 79, 2),
        ("南坪镇", 73, 2),
        ("清泉乡", 65, 1),
        ("大塘乡", 68, 1),
        ("古渡乡", 52, 0),
        ("望江街道", 93, 4),
        ("东关街道", 81, 3),
    ];
    let tiles = names.map(|(name, n, shade)| Tile::new(name, "/unit", Some(format!("{n}%")), shade));
    let mut tiles = tiles.to_vec();
    tiles.push(Tile::new("龙泉民族乡", "/unit", None, 0));
    TileMap {
        caption: "各乡镇本季度按时公开率".into(),
        subject: "乡镇".into(),
        figure_label: "按时公开率".into(),
        legend: ["不到60%", "60%—70%", "70%—80%", "80%—90%", "90%以上"].map(str::to_owned).to_vec(),
        tiles,
        up: Some(Link::new("全县", "/")),
    }
}

/// The end of a journey.
pub fn confirmation() -> Confirmation {
    Confirmation {
        title: "您的反映已收到".into(),
        keep: vec![("编号".into(), "AL-7K2M-9QXD".into()), ("查询码".into(), "528 614".into())],
        text: "请把编号和查询码抄下来或拍照。我们不会在短信里发送它们。".into(),
    }
}

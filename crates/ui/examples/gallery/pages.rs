//! Whole sample pages, made the way crates/app makes them: an askama body in the shell.

use askama::Template;
use daylight_ui::error_page::ErrorPage;
use daylight_ui::{
    Action, Actions, Area, Chips, Column, Figure, Figures, Heading, Html, Lamp, NavItem, Notice, NoticeKind,
    Pagination, Qr, SearchBox, Section, Sheet, Shell, SignedIn, Table, Tag, Warning, page,
};

use crate::parts;

/// Paths the gallery answers.
pub const PATHS: [&str; 8] = ["/", "/home", "/unit", "/report", "/done", "/office", "/sheet", "/error"];

/// The sample page at a path.
pub fn at(path: &str, elder: bool) -> Option<String> {
    let (title, body) = match path {
        "/" => ("部件图册", parts::body()),
        "/home" => ("首页", home()),
        "/unit" => ("青石镇人民政府", unit()),
        "/report" => ("我要反映", report()),
        "/done" => ("您的反映已收到", done()),
        "/office" => ("待办的反映", office()),
        "/sheet" => ("村务公开", sheet()),
        "/error" => ("没有找到这一页", ErrorPage::NotFound.into()),
        _ => return None,
    };
    let frame = if path == "/office" { office_shell() } else { portal_shell(path) };
    Some(page(&Shell { title: title.into(), elder, path: path.into(), ..frame }, body.as_str()))
}

fn portal_shell(path: &str) -> Shell {
    let nav = [
        ("首页", "/home"),
        ("单位", "/unit"),
        ("权力", "/powers"),
        ("公开", "/p"),
        ("评价", "/r"),
        ("反映", "/report"),
    ];
    let crumbs = match path {
        "/unit" => vec![
            ("首页".into(), Some("/home".into())),
            ("乡镇".into(), Some("/units".into())),
            ("青石镇人民政府".into(), None),
        ],
        "/report" => vec![("首页".into(), Some("/home".into())), ("我要反映".into(), None)],
        _ => Vec::new(),
    };
    Shell {
        nav: nav.into_iter().map(|(label, href)| NavItem::new(label, href, href == path)).collect(),
        description: "安澜县权力清单、办事过程和结果的公开平台。".into(),
        breadcrumbs: crumbs,
        demo: true,
        ..Shell::portal("安澜县")
    }
}

fn office_shell() -> Shell {
    let nav = [
        "待办",
        "反映",
        "办理件",
        "线索",
        "交办函",
        "公开审核",
        "风险预警",
        "数据比对",
        "统计",
        "日历与期限",
    ];
    Shell {
        area: Area::Office,
        nav: nav.iter().enumerate().map(|(i, label)| NavItem::new(*label, "/office", i == 0)).collect(),
        signed_in: Some(SignedIn {
            name: "周明远".into(),
            roles_text: "受理岗 · 县纪委信访室".into(),
            device_href: "/account/devices".into(),
            sign_out_href: "/sign-out".into(),
        }),
        breadcrumbs: vec![("工作台".into(), Some("/office".into())), ("待办".into(), None)],
        notice: Some(Notice::new(NoticeKind::Success, "AL-2D4K-8PZS 已交办第二派出纪工委。")),
        demo: true,
        ..Shell::office("安澜县")
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="split"><div>{{ head }}{{ search }}{{ actions }}</div>{{ index }}</div>{{ figures }}<div class="split"><div>{{ latest }}</div><div>{{ gap }}</div></div>{{ map }}"#
)]
struct Home {
    head: Heading,
    search: SearchBox,
    actions: Actions,
    index: Section,
    figures: Figures,
    latest: Section,
    gap: Section,
    map: Section,
}

fn rendered(body: &impl Template) -> Html {
    Html::render(body).expect("plain values")
}

fn home() -> Html {
    rendered(&Home {
        head: Heading::new("权力怎么用，您都看得见")
            .kicker("安澜县权力公开与群众监督")
            .lead("875 个单位、9,484 项权力的清单、流程和结果都在这里。您可以查看、评价，也可以反映问题。")
            .front(),
        search: SearchBox {
            large: true,
            example: "例如：低保、宅基地".into(),
            ..SearchBox::new("/search", "找单位、权力、公开事项", "")
        },
        actions: Actions::new([
            Action::link("我要反映", "/report"),
            Action::link("查反映进度", "/reports/find").second(),
        ]),
        index: Section::new("按单位看", parts::doors()),
        figures: parts::figures(),
        latest: Section::new("最新公开", parts::entries()).more("全部公开", "/p"),
        gap: Section::new("该公开还没公开", parts::missing()).more("全部 17 项", "/obligations"),
        map: Section::new("各乡镇", parts::map()),
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{{ head }}{{ tabs }}<div class="split"><div><section class="section"><div class="section-head"><h2>农村最低生活保障审核</h2></div>{{ steps }}</section>{{ latest }}</div><div>{{ facts }}{{ voice }}{{ qr }}</div></div>"#
)]
struct Unit {
    head: Heading,
    tabs: daylight_ui::Tabs,
    steps: daylight_ui::Steps,
    latest: Section,
    facts: Section,
    voice: Section,
    qr: Qr,
}

fn unit() -> Html {
    let latest = parts::stack([parts::missing().into(), parts::entries().into()]);
    let voice = parts::stack([
        parts::share().into(),
        Html::trusted("<p class=\"muted\">286 人评价，一人一票。少于 10 票不显示结果。</p>"),
        Actions::new([Action::link("我来评价", "/rate"), Action::link("反映问题", "/report").second()])
            .into(),
    ]);
    rendered(&Unit {
        head: Heading::new("青石镇人民政府")
            .kicker("乡镇")
            .lead("负责全镇经济发展、民生保障和村级事务指导。")
            .tag(Tag::good("资料已核对"))
            .tag(Warning::Yellow.tag()),
        tabs: parts::tabs(),
        steps: parts::steps(),
        latest: Section::new("最近公开", latest).more("全部 1,406 项", "/p"),
        facts: Section::new("基本信息", parts::facts()),
        voice: Section::new("群众怎么看", voice),
        qr: Qr::new("扫码打开本页", "https://anlan.example.cn/u/7"),
    })
}

fn report() -> Html {
    let head = Heading::new("我要反映").lead("您的身份受到保护，被反映的人和单位看不到您的反映。");
    [Html::from(head), parts::form(), parts::details().into()].into_iter().collect()
}

fn done() -> Html {
    let next = Section::new("接下来", parts::timeline());
    [Html::from(parts::confirmation()), next.into()].into_iter().collect()
}

fn office() -> Html {
    let figures = Figures::new([
        Figure::new("14", "件", "待受理"),
        Figure::new("63", "件", "办理中").note("其中已转上级 5 件"),
        Figure::new("1", "件", "已超期").href("/office/overdue"),
        Figure::new("88", "%", "本季度满意率").note("答复 41 件，评价 33 件"),
    ]);
    let chips = Chips::new("指示灯")
        .chip("全部", "?", true, Some(78))
        .chip("待受理", "?l=0", false, Some(14))
        .chip("首次办理", "?l=1", false, Some(58))
        .chip("上级办理", "?l=2", false, Some(5));
    let mut table = parts::table();
    for n in 0..6 {
        let cells = [
            daylight_ui::Link::new(format!("AL-5V1J-{n}KTM"), "/cases/2").into(),
            "反映村道硬化工程偷工减料".into(),
            Lamp::Yellow.tag().into(),
            "2026年12月18日".into(),
            (19 + n).to_string().into(),
        ];
        table.push(cells, false);
    }
    let pages = Pagination::numbered(1, 8, |n| format!("?page={n}")).total("共 78 件");
    [Html::from(Heading::new("待办的反映")), figures.into(), chips.into(), table.dense().into(), pages.into()]
        .into_iter()
        .collect()
}

fn sheet() -> Html {
    let money =
        Table::new("收支明细", ["项目".into(), Column::figures("收入（元）"), Column::figures("支出（元）")])
            .row(["集体鱼塘承包费".into(), "36,000.00".into(), "".into()])
            .row(["村道路灯维修".into(), "".into(), "4,860.00".into()])
            .row(["清洁员工资（3人）".into(), "".into(), "13,500.00".into()]);
    Sheet {
        organ: "石桥村村民委员会".into(),
        title: "2026年第三季度财务公开".into(),
        number: "公示期：2026年10月12日至10月19日".into(),
        body: [
            Html::paragraphs("经村务监督委员会审核，现将第三季度收支公开如下，欢迎村民监督。"),
            money.into(),
        ]
        .into_iter()
        .collect(),
        qr: Some(Qr::new("扫码看凭证和往期", "https://anlan.example.cn/v/shiqiao/2026q3")),
        foot: "石桥村村务监督委员会 0990-5550188\u{3000}2026年10月12日".into(),
    }
    .into()
}

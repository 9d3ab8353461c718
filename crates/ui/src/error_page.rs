//! Failures as pages with a way back, in plain words.

use std::fmt;

use askama::Template;

use crate::html::part;

/// What went wrong, as the reader needs to know it. Prints the body of a page; see [`ErrorPage::title`] and
/// [`ErrorPage::status`] for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorPage {
    /// No such page, or not for this viewer: the same bytes for both.
    NotFound,
    /// The same for somebody of the staff at a page of the office: the same bytes whichever it is.
    NotFoundAtDesk,
    /// The viewer may not, and may know it.
    Forbidden,
    /// What was sent makes no sense; each line says what is wrong and what to do.
    Invalid(Vec<String>),
    /// What was sent cannot be read at all.
    Malformed,
    /// What was sent is too large.
    TooLarge,
    /// Too many at once.
    Busy,
    /// The disk is full.
    Full,
    /// Our fault; holds the reference written to the log.
    Internal(String),
}

impl ErrorPage {
    /// Title of the page and its `<h1>`.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound | Self::NotFoundAtDesk => "没有找到这一页",
            Self::Forbidden => "您不能查看这一页",
            Self::Invalid(_) => "提交的内容需要改正",
            Self::Malformed => "提交的内容无法识别",
            Self::TooLarge => "提交的内容太大",
            Self::Busy => "请稍后再试",
            Self::Full => "服务器磁盘已满",
            Self::Internal(_) => "系统出了问题",
        }
    }

    /// HTTP status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound | Self::NotFoundAtDesk => 404,
            Self::Forbidden => 403,
            Self::Invalid(_) => 422,
            Self::Malformed => 400,
            Self::TooLarge => 413,
            Self::Busy | Self::Full => 503,
            Self::Internal(_) => 500,
        }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="failure">
<p class="failure-code" aria-hidden="true">{{ page.status() }}</p>
<h1>{{ page.title() }}</h1>
{%- match page %}{% when ErrorPage::NotFound -%}
<p>您要看的内容不在这个地址。它可能已被移走、已到公示期限，或者地址少打了几个字。</p>
<ul><li>请检查地址是否完整；</li>
<li>扫二维码来的，请核对公示栏上的日期；</li>
<li>也可以搜索单位、权力或公开事项的名称。</li>
</ul>
{%- when ErrorPage::NotFoundAtDesk -%}
<p>这个地址没有内容，或者不归您看。两种情况显示得一样。</p>
<ul><li>请检查地址和编号；</li>
<li>办理件可能已转给别的组织、已交给别人，或者按回避规则您不能看；</li>
<li>您能看的都在工作台上。</li>
</ul>
{%- when ErrorPage::Forbidden -%}
<p>您现在的身份不能看这一页，或者登录已经过期。</p>
<ul><li>请重新登录后再试；</li>
<li>如果您认为应当能看，请联系本单位的系统管理员。</li>
</ul>
{%- when ErrorPage::Invalid(details) -%}
<p>您提交的内容有几处需要改正，什么都没有保存：</p>
{%- if !details.is_empty() -%}
<ul>
{%- for line in details -%}
<li>{{ line }}</li>
{%- endfor -%}
</ul>
{%- endif -%}
<p>请返回上一页改正后再提交。</p>
{%- when ErrorPage::Malformed -%}
<p>您提交的内容不完整，或者不是从本平台的页面提交的，什么都没有保存。</p>
<p>请返回上一页，刷新以后重新填写。</p>
{%- when ErrorPage::TooLarge -%}
<p>您提交的内容超过了允许的大小，没有保存。</p>
<ul><li>照片可以先压缩，或一次少传几张；</li>
<li>视频请截取最要紧的一段。</li>
</ul>
{%- when ErrorPage::Busy -%}
<p>现在来访的人太多，暂时没有办成。您填写的内容还在上一页，没有丢失。</p>
<p>请过一分钟返回上一页再试。</p>
{%- when ErrorPage::Full -%}
<p>服务器磁盘已满，暂时不能保存，您刚才提交的没有收下。您填写的内容还在上一页，请不要关闭。</p>
<p>请稍后返回上一页再试，或打电话、当面反映。系统管理员会在日志里看到这件事。</p>
{%- when ErrorPage::Internal(reference) -%}
<p>这是我们的问题，不是您的操作有误。事情已经记下，我们会查明。</p>
<p>如果您要询问，请告诉我们这个编号：<strong class="code" translate="no">{{ reference }}</strong></p>
{%- endmatch -%}
{%- if let ErrorPage::NotFoundAtDesk = page -%}
<div class="actions"><a class="button" href="/office">回到工作台</a><a class="button button--second" href="/">首页</a>
</div>
{%- else -%}
<div class="actions"><a class="button" href="/">回到首页</a><a class="button button--second" href="/search">搜索</a>
</div>
{%- endif -%}
</div>"#
)]
struct Body<'a> {
    page: &'a ErrorPage,
}

impl fmt::Display for ErrorPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Body { page: self }.fmt(f)
    }
}

part!(ErrorPage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_one_heading_and_a_way_back() {
        let all = [
            ErrorPage::NotFound,
            ErrorPage::NotFoundAtDesk,
            ErrorPage::Forbidden,
            ErrorPage::Invalid(vec!["<a>".into()]),
            ErrorPage::Malformed,
            ErrorPage::TooLarge,
            ErrorPage::Busy,
            ErrorPage::Full,
            ErrorPage::Internal("<a>".into()),
        ];
        for failure in all {
            let html = failure.to_string();
            assert_eq!(html.matches("<h1>").count(), 1);
            assert!(html.contains(failure.title()) && html.contains("href=\"/\"") && html.contains('您'));
            assert!(!html.contains("<a>"));
        }
    }
}

"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const T = data.labels, F = data.findings, zh = data.lang === "zh";
  const $ = (id) => document.getElementById(id);
  const el = (tag, cls, text) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  };
  const add = (parent, ...nodes) => { for (const n of nodes) if (n) parent.append(n); return parent; };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, k) => values[k]);
  const number = (n) => n.toLocaleString("en-US");
  const parse = (t) => (t ? Date.UTC(+t.slice(0, 4), +t.slice(5, 7) - 1, +t.slice(8, 10), +t.slice(11, 13), +t.slice(14, 16), +t.slice(17, 19)) / 1000 : null);
  const span = (seconds) => {
    let rest = Math.round(Math.abs(seconds));
    const parts = [];
    for (const [cn, en, size] of [["天", "d", 86400], ["小时", "h", 3600], ["分", "min", 60], ["秒", "s", 1]]) {
      const n = Math.floor(rest / size);
      rest -= n * size;
      if (n) parts.push(`${n} ${zh ? cn : en}`);
    }
    return parts.slice(0, 3).join(" ") || (zh ? "0 秒" : "0 s");
  };
  const agentName = (f) => data.agents[f.a].label;
  const platformName = (p) => T["p_" + p] || p;
  const narrow = () => matchMedia("(max-width: 860px)").matches;
  const quote = (f) => { const e = f.e.find((x) => x.k === 0) || f.e[0]; return e && e.q ? e.q : f.w; };

  /* ---------- agents: sort, show all, jump to findings ---------- */
  const table = $("agent-table");
  if (table) {
    const heads = [...table.querySelectorAll("th[scope=col]")];
    const sortBy = (column) => {
      const head = heads[column];
      const down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : head.classList.contains("n");
      for (const h of heads) h.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.children[column].dataset.v;
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = head.classList.contains("n") ? x - y : x.localeCompare(y, "zh");
        return down ? -order : order;
      });
      rows.forEach((row, i) => row.classList.toggle("more", i >= 20));
      table.tBodies[0].append(...rows);
    };
    table.tHead.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-sort]");
      if (button) sortBy(+button.dataset.sort);
    });
    table.tBodies[0].addEventListener("click", (event) => {
      const button = event.target.closest("button[data-agent]");
      if (button) jump("agent", button.dataset.agent);
    });
    const more = $("more-agents");
    if (more) more.addEventListener("click", () => {
      const all = table.classList.toggle("all");
      more.setAttribute("aria-expanded", String(all));
      more.textContent = all ? more.dataset.less : more.dataset.more;
    });
  }
  $("print").addEventListener("click", () => window.print());

  /* ---------- filters and the list ---------- */
  const ROW = 64, HEAD = 36;
  const MARKS = { provoked: (f) => f.pv, new: (f) => f.m === "new", known: (f) => f.m === "known", silenced: (f) => f.x };
  const list = $("list"), rows = $("rows"), detail = $("detail");
  const rank = { severe: 0, major: 1, minor: 2, info: 3 };
  let items = [], tops = [], shown = [], selected = -1, haystacks = null;
  const orders = {};

  function order(kind) {
    if (orders[kind]) return orders[kind];
    const all = F.map((_, i) => i); /* the page holds them gravest first */
    if (kind === "time") all.sort((a, b) => (F[a].at < F[b].at ? -1 : F[a].at > F[b].at ? 1 : a - b));
    if (kind === "agent") {
      const points = new Map(), count = new Map();
      for (const f of F) {
        points.set(f.a, (points.get(f.a) || 0) + f.pt);
        count.set(f.a, (count.get(f.a) || 0) + 1);
      }
      all.sort((a, b) => points.get(F[b].a) - points.get(F[a].a) || count.get(F[b].a) - count.get(F[a].a) || F[a].a - F[b].a || a - b);
    }
    return (orders[kind] = all);
  }
  function haystack(i) {
    if (!haystacks) haystacks = new Array(F.length);
    if (haystacks[i] === undefined) {
      const f = F[i], rule = data.rules[f.r];
      const parts = [f.id, rule.code, rule.title, agentName(f), f.b, f.w, f.ci];
      for (const e of f.e) parts.push(e.q, e.d || "");
      const talk = f.c >= 0 ? data.conversations[f.c] : [];
      for (const m of talk) if (typeof m !== "number") parts.push(m[5]);
      haystacks[i] = parts.join("\n").toLowerCase();
    }
    return haystacks[i];
  }

  const option = (select, value, text) => { const o = el("option", "", text); o.value = value; select.append(o); };
  function options(name, counts, text) {
    const select = $("f-" + name);
    option(select, "", T.all);
    for (const [value, n] of counts) option(select, value, `${text(value)} (${number(n)})`);
    if (counts.length < 2 && name !== "state" && name !== "severity") select.closest("label").hidden = counts.length === 0 || name === "platform";
  }
  const tally = (value) => {
    const counts = new Map();
    for (const f of F) { const v = value(f); counts.set(v, (counts.get(v) || 0) + 1); }
    return [...counts];
  };
  const FIELDS = ["agent", "rule", "severity", "state", "mark", "platform"];

  function apply(keep) {
    const value = Object.fromEntries(FIELDS.map((n) => [n, $("f-" + n).value]));
    const words = $("q").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const from = $("f-from").value, until = $("f-until").value, kind = $("f-sort").value;
    for (const node of $("filters").querySelectorAll("label")) {
      const field = node.querySelector("input, select");
      node.classList.toggle("on", field.id !== "f-sort" && field.value !== "");
    }
    const mark = MARKS[value.mark];
    shown = [];
    for (const i of order(kind)) {
      const f = F[i];
      if (value.agent && data.agents[f.a].key !== value.agent) continue;
      if (value.rule && data.rules[f.r].code !== value.rule) continue;
      if (value.severity && f.s !== value.severity) continue;
      if (value.state && f.st !== value.state) continue;
      if (mark && !mark(f)) continue;
      if (value.platform && f.p !== value.platform) continue;
      if (from && (!f.at || f.at.slice(0, 10) < from)) continue;
      if (until && (!f.at || f.at.slice(0, 10) > until)) continue;
      if (words.length && !words.every((w) => haystack(i).includes(w))) continue;
      shown.push(i);
    }
    items = [];
    tops = [];
    let top = 0;
    const push = (item, height) => { items.push(item); tops.push(top); top += height; };
    if (kind === "agent") {
      const per = new Map();
      for (const i of shown) per.set(F[i].a, (per.get(F[i].a) || 0) + 1);
      let last = -1;
      for (const i of shown) {
        if (F[i].a !== last) { last = F[i].a; push({ head: last, count: per.get(last) }, HEAD); }
        push({ f: i }, ROW);
      }
    } else for (const i of shown) push({ f: i }, ROW);
    tops.push(top);
    rows.style.height = `${top}px`;
    $("count").textContent = fill(T.shown, { n: number(shown.length), total: number(F.length) });
    if (!keep) list.scrollTop = 0;
    if (!shown.includes(selected)) select(!narrow() && shown.length ? shown[0] : -1, false);
    draw();
  }
  function place(y) { /* the last item that starts at or above y */
    let low = 0, high = items.length - 1;
    while (low < high) { const mid = (low + high + 1) >> 1; if (tops[mid] <= y) low = mid; else high = mid - 1; }
    return low;
  }
  function draw() {
    const nodes = [];
    if (!items.length) {
      rows.replaceChildren(el("p", "empty", T.none_found));
      return;
    }
    const first = Math.max(place(list.scrollTop) - 6, 0), last = Math.min(place(list.scrollTop + list.clientHeight) + 6, items.length - 1);
    for (let k = first; k <= last; k++) {
      const item = items[k];
      let node;
      if (item.head !== undefined) {
        node = el("div", "item head");
        node.setAttribute("role", "presentation");
        add(node, el("span", "", data.agents[item.head].label), el("span", "pill", number(item.count)));
      } else node = row(item.f);
      node.style.transform = `translateY(${tops[k]}px)`;
      nodes.push(node);
    }
    rows.replaceChildren(...nodes);
  }
  function row(i) {
    const f = F[i], node = el("div", `item ${f.s}`);
    node.id = `row-${i}`;
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(i === selected));
    node.setAttribute("aria-setsize", String(shown.length));
    node.setAttribute("aria-posinset", String(shown.indexOf(i) + 1));
    const l1 = add(el("div", "l1"), el("b", "", data.rules[f.r].title), el("span", `badge ${f.s}`, T[f.s]));
    for (const b of badges(f)) l1.append(b);
    l1.append(el("time", "", f.at.slice(5, 16)));
    const l2 = el("div", "l2");
    l2.textContent = `${$("f-sort").value === "agent" ? "" : agentName(f) + " · "}${f.b} · ${quote(f)}`;
    return add(node, l1, l2);
  }
  function badges(f) {
    const out = [];
    if (f.st !== "violation") out.push(el("span", "badge state", T[f.st]));
    if (f.pv) out.push(el("span", "badge provoked", T.provoked));
    if (f.m === "new" || f.m === "known") out.push(el("span", `badge ${f.m}`, T[f.m]));
    if (f.x) out.push(el("span", "badge silenced", T.silenced));
    return out;
  }
  function select(i, open) {
    selected = i;
    if (i < 0) {
      detail.replaceChildren(add(el("p", "empty"), document.createTextNode(T.pick), el("br"), el("kbd", "", T.keys)));
      list.removeAttribute("aria-activedescendant");
    } else {
      detail.replaceChildren(tools(i), finding(F[i]));
      detail.scrollTop = 0;
      list.setAttribute("aria-activedescendant", `row-${i}`);
    }
    if (open) {
      if (narrow()) { document.body.classList.add("reading"); detail.focus(); }
      const k = items.findIndex((item) => item.f === i);
      if (k >= 0) {
        if (tops[k] < list.scrollTop + HEAD) list.scrollTop = Math.max(tops[k] - HEAD, 0);
        else if (tops[k + 1] > list.scrollTop + list.clientHeight) list.scrollTop = tops[k + 1] - list.clientHeight;
      }
      try { history.replaceState(null, "", `#f=${F[i].id}`); } catch { /* some hosts of local files refuse it */ }
    }
    draw();
  }
  function step(by) {
    if (!shown.length) return;
    const at = shown.indexOf(selected);
    select(shown[Math.min(Math.max(at < 0 ? 0 : at + by, 0), shown.length - 1)], true);
  }
  function close() { document.body.classList.remove("reading"); list.focus(); }
  function jump(name, value) {
    $("filters").reset();
    $("f-" + name).value = value;
    apply();
    $("findings").scrollIntoView();
    list.focus({ preventScroll: true });
  }

  /* ---------- one finding ---------- */
  const button = (text, act, cls) => { const b = el("button", cls || "", text); b.type = "button"; b.addEventListener("click", act); return b; };
  function tools(i) {
    return add(el("div", "tools"), button(T.back, close, "back"), button(T.prev, () => step(-1)), button(T.next, () => step(1)), el("span", "spring"), button(T.copy_id, () => copy(F[i].id)));
  }
  function copy(text) {
    const done = () => {
      const toast = el("div", "toast", T.copied);
      toast.setAttribute("role", "status");
      document.body.append(toast);
      setTimeout(() => toast.remove(), 1500);
    };
    const old = () => {
      const field = el("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, old); else old();
  }
  function fact(parent, label, value, tag) {
    if (value) parent.append(add(el("span"), el("b", "", label), el(tag || "span", "", value)));
  }
  function finding(f) {
    const rule = data.rules[f.r], node = el("section", "finding");
    const head = add(el("h3"), el("span", "code", rule.code), el("span", "", rule.title), el("span", `badge ${f.s}`, T[f.s]));
    for (const b of badges(f)) head.append(b);
    const facts = el("p", "facts");
    fact(facts, T.agent, agentName(f));
    fact(facts, T.buyer, f.b);
    fact(facts, T.time, f.at);
    fact(facts, T.shop, `${platformName(f.p)} · ${data.shops[f.sh]}`);
    fact(facts, T.points, String(f.pt));
    fact(facts, T.id, f.id, "code");
    add(node, head, facts, add(el("p", `reason ${f.s}`), el("span", "", f.w)), clock(f), decoded(f), conversation(f));
    const box = el("dl", "rule-box");
    const say = (label, value) => { if (value) add(box, el("dt", "", label), el("dd", "", value)); };
    say(T.why_rule, rule.why);
    say(T.cite, f.ci);
    say(T.policy, f.po);
    say(T.decided_by, `${T[f.by === "rule" ? "by_rule_" : "by_" + f.by] || f.by}${f.cf < 1 ? ` · ${T.confidence} ${f.cf}` : ""}`);
    say(T.source_rows, [...new Set(f.e.map((e) => e.src))].join("\n"));
    if (f.g.length) say(T.group, f.g.join("\n"));
    return add(node, add(el("h4"), document.createTextNode(`${T["g_" + rule.group] || T.rule} · ${rule.title}`)), box);
  }
  function clock(f) {
    const opened = parse(f.o), due = parse(f.d);
    if (opened === null || due === null) return null;
    const closed = parse(f.cl) ?? (f.l !== null && f.l !== undefined ? opened + f.l : null);
    const limit = due - opened, waited = closed === null ? null : closed - opened;
    const node = add(el("div", "clock"), el("h4", "", T.clock)), sum = el("p", "sum");
    sum.append(el("span", "", fill(T.limit, { t: span(limit) })));
    if (waited !== null) {
      sum.append(el("span", "", fill(T.waited, { t: span(waited) })));
      sum.append(waited > limit ? el("span", "late", fill(T.late_by, { t: span(waited - limit) })) : el("span", "fine-text", T.in_time));
    } else if (f.st === "pending") sum.append(el("span", "", T.still_open));
    else sum.append(el("span", "late", T.never_answered));
    const end = waited === null ? (f.st === "pending" ? limit : limit * 1.6 || 1) : Math.max(waited, limit, 1);
    const track = el("div", "track");
    track.setAttribute("aria-hidden", "true");
    const part = (cls, seconds) => { const i = el("i", cls); i.style.width = `${(100 * seconds) / end}%`; track.append(i); };
    if (f.st !== "pending" || waited !== null) part("ok", Math.min(limit, waited === null ? limit : waited));
    if (waited !== null && waited > limit) part("over", waited - limit);
    if (waited === null && f.st !== "pending") part("open", end - limit);
    const mark = el("span", "due");
    mark.style.left = `min(${(100 * limit) / end}%, 100% - 2px)`;
    track.append(mark);
    const ticks = el("p", "ticks");
    const tick = (label, value) => ticks.append(add(el("span"), el("b", "", label), el("span", "", value)));
    tick(T.opened, f.o);
    tick(T.deadline, f.d);
    tick(T.answered, f.cl || "—");
    return add(node, sum, track, ticks);
  }
  function decoded(f) {
    const steps = f.e.filter((e) => e.d);
    if (!steps.length) return null;
    const ul = el("ul", "decoded");
    for (const e of steps) ul.append(el("li", "", `${e.q} → ${e.d}${e.by ? `　${T.decoded_step} ${e.by}` : ""}`));
    return add(el("div"), el("h4", "", T.decoded), ul);
  }
  function conversation(f) {
    const node = add(el("div"), el("h4", "", T.conversation));
    const around = f.c >= 0 ? data.conversations[f.c] : null;
    if (!around) return add(node, el("p", "", T.no_conversation));
    const ol = el("ol", "chat");
    const places = f.e.filter((e) => e.i >= 0).map((e) => e.i);
    let first = places.length ? Math.max(Math.min(...places) - NEAR, 0) : 0;
    let last = places.length ? Math.min(Math.max(...places) + NEAR, around.length - 1) : around.length - 1;
    const count = (from, to) => around.slice(from, to).reduce((n, m) => n + (typeof m === "number" ? m : 1), 0);
    const whole = (from, to) => around.slice(from, to).every((m) => typeof m === "number");
    const edge = (n, bare, act) => {
      if (!n) return null;
      const text = fill(bare ? T.skipped : T.more_messages, { n });
      return bare ? el("li", "gap", text) : add(el("li", "gap"), button(text, act));
    };
    const render = () => {
      const shownNow = [];
      for (let i = first; i <= last; i++) {
        const m = around[i];
        shownNow.push(typeof m === "number" ? el("li", "gap", fill(T.skipped, { n: m })) : message(m, f.e.filter((e) => e.i === i), f));
      }
      ol.replaceChildren();
      add(ol, edge(count(0, first), whole(0, first), () => { first = Math.max(first - MORE, 0); render(); }), ...shownNow,
        edge(count(last + 1, around.length), whole(last + 1), () => { last = Math.min(last + MORE, around.length - 1); render(); }));
    };
    render();
    return add(node, ol);
  }
  const NEAR = 4, MORE = 12;
  const ROLE = ["buyer", "agent", "robot", "system"];
  function message(m, hits, f) {
    const [sender, name, time, flags, kind, text] = m;
    const role = ROLE[sender];
    const li = el("li", `msg ${role}${sender === 1 || sender === 2 ? " seller" : ""}`);
    const who = add(el("span", "who"), el("span", "", role === "buyer" ? `${T.buyer} ${f.b}` : `${T[role]}${data.names[name] && sender === 1 ? " " + data.names[name] : ""}`));
    if (time) who.append(el("time", "", f.at.slice(0, 10) === time.slice(0, 10) ? time.slice(11) : time.slice(5)));
    if (flags & 1 && sender === 1) who.append(el("span", "badge", T.auto));
    if (flags & 2) who.append(el("span", "badge", T.recalled));
    const bubble = el("div", "bubble"), body = text || T["k_" + kind] || "";
    const spans = hits.filter((e) => e.f !== undefined && e.t > e.f).sort((a, b) => a.f - b.f);
    let at = 0;
    for (const e of spans) {
      if (e.f < at) continue;
      bubble.append(body.slice(at, e.f), el("mark", "", body.slice(e.f, e.t)));
      at = e.t;
    }
    bubble.append(body.slice(at));
    add(li, who, bubble);
    const grave = hits.filter((e) => e.k < 2);
    if (grave.length) {
      li.classList.add("hit");
      const provoking = grave.every((e) => e.k === 1);
      if (provoking) li.classList.add("provoking");
      who.append(el("span", "tag", provoking ? T.provocation : role === "buyer" ? T.waiting : T.evidence));
    }
    return li;
  }

  if (list) {
    options("agent", [...order("agent").reduce((m, i) => m.set(F[i].a, (m.get(F[i].a) || 0) + 1), new Map())], (a) => data.agents[a].label);
    for (const o of $("f-agent").options) if (o.value) o.value = data.agents[+o.value].key;
    const code = (r) => data.rules[r].code;
    options("rule", tally((f) => f.r).sort((a, b) => (code(a[0]) < code(b[0]) ? -1 : 1)), (r) => `${code(r)} ${data.rules[r].title}`);
    for (const o of $("f-rule").options) if (o.value) o.value = code(+o.value);
    options("severity", tally((f) => f.s).sort((a, b) => rank[a[0]] - rank[b[0]]), (s) => T[s]);
    options("state", tally((f) => f.st), (s) => T[s]);
    options("mark", Object.keys(MARKS).map((k) => [k, F.filter(MARKS[k]).length]).filter((x) => x[1]), (k) => T[k]);
    options("platform", tally((f) => f.p), platformName);
    const days = F.map((f) => f.at.slice(0, 10)).filter(Boolean).sort();
    for (const id of ["f-from", "f-until"]) if (days.length) { $(id).min = days[0]; $(id).max = days[days.length - 1]; }
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("filters").addEventListener("input", () => apply());
    $("filters").addEventListener("reset", () => setTimeout(apply, 0));
    let drawing = 0;
    list.addEventListener("scroll", () => { if (!drawing) drawing = requestAnimationFrame(() => { drawing = 0; draw(); }); }, { passive: true });
    new ResizeObserver(() => draw()).observe(list);
    rows.addEventListener("click", (event) => {
      const node = event.target.closest("[role=option]");
      if (node) select(+node.id.slice(4), true);
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "/" && !typing) { event.preventDefault(); $("q").focus(); return; }
      if (event.key === "Escape") {
        if (document.body.classList.contains("reading")) close();
        else if (event.target === $("q")) { $("q").value = ""; apply(); list.focus(); }
        return;
      }
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const here = event.target === list || detail.contains(event.target) || event.target === document.body;
      const page = Math.max(Math.floor(list.clientHeight / ROW) - 1, 1);
      const by = { j: 1, k: -1 }[event.key] ?? (event.target === list ? { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -F.length, End: F.length }[event.key] : undefined);
      if (here && by !== undefined) { event.preventDefault(); step(by); }
      if (event.key === "Enter" && event.target === list) { event.preventDefault(); if (narrow()) document.body.classList.add("reading"); detail.focus(); }
    });
    const MOST = 300;
    window.addEventListener("beforeprint", () => {
      const out = shown.slice(0, MOST).map((i) => finding(F[i]));
      if (shown.length > MOST) out.unshift(el("p", "notice", fill(T.print_more, { n: MOST, left: number(shown.length - MOST) })));
      $("printed").replaceChildren(...out);
    });
    window.addEventListener("afterprint", () => $("printed").replaceChildren());
    apply();
    const target = () => {
      const i = F.findIndex((f) => location.hash === `#f=${f.id}`);
      if (i >= 0) { $("filters").reset(); apply(); select(i, true); $("findings").scrollIntoView(); }
    };
    window.addEventListener("hashchange", target);
    target();
  }

  /* ---------- charts ---------- */
  const ink = "#4b5767", color = { severe: "#b3362d", major: "#d98a3d", minor: "#c9b458", info: "#9aa6b2" };
  const font = { fontFamily: getComputedStyle(document.documentElement).fontFamily, color: ink };
  const still = { animation: false, textStyle: font, tooltip: { renderMode: "richText", confine: true } };
  const charts = [];
  function ruleChart() {
    const node = $("chart-rules"), rules = data.charts.rules.slice(0, 15).reverse();
    if (!rules.length) { node.replaceChildren(el("p", "empty", T.no_findings)); return; }
    node.style.height = `${Math.max(rules.length * 30 + 16, 120)}px`;
    const chart = echarts.init(node, null, { renderer: "svg" });
    chart.setOption({
      ...still,
      grid: { left: 8, right: 48, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { type: "value", show: false },
      yAxis: { type: "category", data: rules.map((r) => r.title), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { fontSize: 13, width: 150, overflow: "truncate" } },
      series: [{
        type: "bar", barMaxWidth: 18, barMinHeight: 2, cursor: "pointer",
        data: rules.map((r) => ({ value: r.count, itemStyle: { color: color[r.severity], borderRadius: [0, 3, 3, 0] } })),
        label: { show: true, position: "right", color: "#1b2430", formatter: (p) => number(p.value) },
      }],
      tooltip: { ...still.tooltip, formatter: (p) => `${rules[p.dataIndex].code} ${rules[p.dataIndex].title}\n${T[rules[p.dataIndex].severity]} · ${number(p.value)}` },
    });
    if (list) chart.on("click", (p) => jump("rule", rules[p.dataIndex].code));
    charts.push(chart);
  }
  function heatChart() {
    const node = $("chart-heat"), { rows: names, cells } = data.charts.heat;
    if (!cells.length) { node.replaceChildren(el("p", "empty", T.no_findings)); return; }
    node.style.height = `${Math.max(names.length * 30 + 40, 150)}px`;
    const most = Math.max(...cells.map((c) => c[2]));
    const chart = echarts.init(node, null, { renderer: "svg" });
    const lines = names.length;
    chart.setOption({
      ...still,
      grid: { left: 4, right: 4, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: { type: "category", data: [...Array(24).keys()].map(String), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { fontSize: 11 } },
      yAxis: { type: "category", inverse: true, data: data.charts.heat.weekday ? names : names.map((d) => d.slice(5)), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { fontSize: 12 } },
      visualMap: { show: false, min: 0, max: most, inRange: { color: ["#eef3f7", "#b9d1e2", "#6c9dbd", "#2f6f9b", "#17456b"] } },
      series: [{ type: "heatmap", data: [...Array(lines * 24).keys()].map((k) => [k % 24, Math.floor(k / 24), 0]).concat(cells), itemStyle: { borderWidth: 1.5, borderColor: "#fff", borderRadius: 3 }, emphasis: { itemStyle: { borderColor: "#1b2430" } } }],
      tooltip: { ...still.tooltip, formatter: (p) => `${names[p.value[1]]} ${p.value[0]}:00–${p.value[0]}:59\n${number(p.value[2])}` },
    });
    charts.push(chart);
  }
  requestAnimationFrame(() => setTimeout(() => {
    ruleChart();
    heatChart();
    let timer = 0;
    window.addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(() => charts.forEach((c) => c.resize()), 120); });
    if (F.length && list) {
      const idle = window.requestIdleCallback || ((f) => setTimeout(f, 50));
      let next = 0;
      const warm = () => { const end = Math.min(next + 500, F.length); while (next < end) haystack(next++); if (next < F.length) idle(warm); else document.body.dataset.ready = "true"; };
      idle(warm);
    } else document.body.dataset.ready = "true";
  }, 0));
})();

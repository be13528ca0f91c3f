/// The page's one style sheet: light and dark, screen and paper, wide and narrow.
enum StyleSheet {
    /// The sheet.
    ///
    /// Text colours keep a contrast of 4.5 to 1 on every ground they stand on, in both schemes.
    static let css: StaticString = """
        :root {
          color-scheme: light dark;
          --ground: #f4f6f8; --panel: #ffffff; --column: #eef3f9; --ink: #1b2430; --muted: #525d6d; --rule: #d5dbe3;
          --accent: #1d5a9c; --alarm: #a8231c; --alarm-ground: #fdf1ef; --win: #2f6db3; --tie: #b4bdc9; --loss: #c46a22;
          --second: #b0500f; --third: #3f6f28;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --ground: #12161c; --panel: #1a2028; --column: #202a36; --ink: #e5e9ef; --muted: #a5afbc; --rule: #36404d;
            --accent: #84b6ee; --alarm: #ff978c; --alarm-ground: #2d1d1d; --win: #5b96d6; --tie: #566273; --loss: #d98a4b;
            --second: #efa36c; --third: #9ccb82;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5; overflow-wrap: break-word;
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
        }
        main { max-width: 66rem; margin: 0 auto; padding: 2rem 1.5rem 3rem; }
        h1 { font-size: 1.65rem; line-height: 1.25; margin: 0; font-weight: 650; letter-spacing: -0.01em; }
        h2 { font-size: 1.15rem; margin: 0 0 0.75rem; font-weight: 650; }
        h3 { font-size: 1rem; margin: 1.25rem 0 0.4rem; font-weight: 650; }
        p { margin: 0 0 0.75rem; max-width: 46rem; }
        section { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px;
          padding: 1.25rem 1.4rem 1.1rem; margin-top: 1rem; }
        .run, .note, .fixed { color: var(--muted); font-size: 0.875rem; }
        .run { margin: 0.35rem 0 0; }
        .note { margin-top: 0.6rem; }
        .fixed { padding: 0; margin: 0.9rem 0 0; list-style: none; }
        .verdict { border-left: 6px solid var(--accent); }
        .verdict.open { border-left-color: var(--muted); }
        .verdict.bad { border-left-color: var(--alarm); }
        .verdict .headline { font-size: 1.25rem; line-height: 1.4; font-weight: 600; max-width: 52rem; }
        .verdict p:last-child { margin-bottom: 0; }
        .warnings { margin: 0.9rem 0; padding: 0.7rem 1rem; list-style: none; background: var(--alarm-ground);
          border-radius: 6px; }
        .warnings li + li { margin-top: 0.4rem; }
        .alarm { color: var(--alarm); font-weight: 600; }
        table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--muted); font-size: 0.875rem; padding-bottom: 0.4rem; }
        th, td { text-align: left; vertical-align: top; padding: 0.36rem 0.75rem 0.36rem 0; border-top: 1px solid var(--rule); }
        thead th { border-top: 0; vertical-align: bottom; font-weight: 600; }
        tbody th { font-weight: 400; }
        .content small { white-space: nowrap; }
        td small, th small { display: block; color: var(--muted); font-size: 0.8rem; font-weight: 400; }
        td.number, th.number { text-align: right; white-space: nowrap; }
        td.own, th.own { background: var(--column); padding-left: 0.75rem; }
        tr.own th, tr.own td { background: var(--column); }
        .split { border-left: 2px solid var(--rule); padding-left: 0.75rem; }
        tr.broken th, tr.broken td { background: var(--alarm-ground); }
        tr.broken th { color: var(--alarm); font-weight: 600; }
        .scroll { overflow-x: auto; }
        .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .systems { min-width: 40rem; table-layout: fixed; }
        .systems th:first-child { width: 25%; }
        .content { min-width: 40rem; }
        .rules { min-width: 52rem; }
        figure { margin: 0.5rem 0 0; }
        figure + .scroll, figure + .note, figure + h3 { margin-top: 1rem; }
        figcaption { font-size: 0.9rem; font-weight: 600; margin-bottom: 0.3rem; }
        figure.wide { max-width: 42rem; }
        svg { display: block; width: 100%; height: auto; font: 12px system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; }
        svg.bars { font-size: 10px; } svg.dumbbell { min-width: 32rem; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.2rem 1.6rem; }
        .charts figure { margin: 0; }
        .tick { fill: var(--muted); } .label { fill: var(--ink); } .label.alarm { fill: var(--alarm); font-weight: 600; }
        .middle { text-anchor: middle; } .end { text-anchor: end; }
        .grid { stroke: var(--rule); } .axis, .zero { stroke: var(--muted); }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .s0 { stroke: var(--accent); } .s1 { stroke: var(--second); stroke-dasharray: 6 4; }
        .s2 { stroke: var(--third); stroke-dasharray: 1.5 4; }
        .win { fill: var(--win); } .tie { fill: var(--tie); } .loss { fill: var(--loss); }
        .whisker { stroke: var(--ink); stroke-width: 2; } .dot { fill: var(--ink); }
        .half { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
        .before { fill: var(--panel); stroke: var(--muted); stroke-width: 2; } .after { fill: var(--accent); }
        circle.after.alarm { fill: var(--alarm); }
        .link { stroke: var(--accent); stroke-width: 2.5; } .link.down { stroke: var(--second); }
        .link.alarm { stroke: var(--alarm); }
        .legend { display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; margin: 0.4rem 0 0; padding: 0; list-style: none;
          font-size: 0.8rem; color: var(--muted); }
        .legend li { display: flex; align-items: center; gap: 0.4rem; }
        .swatch { width: 22px; height: 10px; flex: none; }
        .case { border-top: 1px solid var(--rule); padding-top: 0.9rem; margin-top: 1.1rem; }
        .case h3 { margin-top: 0; }
        .reason { color: var(--muted); font-weight: 400; }
        .texts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0.8rem; margin-top: 0.8rem; }
        .text { border: 1px solid var(--rule); border-radius: 6px; padding: 0.65rem 0.8rem; min-width: 0; }
        .text.own { background: var(--column); }
        .text h4 { margin: 0 0 0.3rem; font-size: 0.85rem; font-weight: 650; display: flex; justify-content: space-between;
          gap: 0.8rem; }
        .text h4 span { color: var(--muted); font-weight: 400; }
        .words { white-space: pre-wrap; unicode-bidi: plaintext; overflow-wrap: anywhere; font-size: 0.9rem; }
        .marks { margin: 0.5rem 0 0; padding: 0.4rem 0 0 1.1rem; border-top: 1px solid var(--rule); font-size: 0.85rem; }
        .marks.none { list-style: none; padding-left: 0; color: var(--muted); }
        dl { display: grid; grid-template-columns: minmax(10rem, 15rem) 1fr; gap: 0.25rem 1rem; margin: 0; font-size: 0.9rem; }
        dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
        ul.plain { margin: 0 0 0.75rem; padding-left: 1.2rem; max-width: 46rem; }
        @media (max-width: 36rem) {
          main { padding: 1.1rem 0.75rem 2rem; }
          section { padding: 1rem 0.9rem; }
          h1 { font-size: 1.35rem; }
          .verdict .headline { font-size: 1.1rem; }
          svg.bars { font-size: 15px; } svg.dumbbell { font-size: 13.5px; min-width: 0; }
          .systems { min-width: 0; font-size: 0.76rem; } .systems small { font-size: 0.68rem; }
          .systems th, .systems td { padding-right: 0.3rem; } .systems .own { padding-left: 0.35rem; }
          .content { min-width: 34rem; } .rules { min-width: 40rem; } .rules th:first-child { width: 9rem; }
          dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.45rem; }
        }
        @page { size: A4; margin: 14mm 13mm; }
        @media print {
          :root { --ground: #ffffff; }
          html { font-size: 10pt; }
          body { font-size: 1rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          main { max-width: none; padding: 0; }
          section { border: 0; border-top: 1px solid var(--rule); border-radius: 0; padding: 0.8rem 0 0; margin-top: 0.9rem; }
          .verdict { border-top: 0; padding: 0 0 0 0.8rem; }
          th, td { padding: 0.22rem 0.6rem 0.22rem 0; } .chart svg { font-size: 15px; }
          .systems, .content, .rules, svg.dumbbell { min-width: 0; }
          .scroll { overflow: visible; }
          figure, tr, .text, .warnings, .content, .case > .words { break-inside: avoid; }
          h2, h3, figcaption, caption, thead, .case > .words { break-after: avoid; }
          figure.wide { max-width: 32rem; }
          .charts { grid-template-columns: 1fr 1fr 1fr; gap: 0.7rem 1rem; }
          .texts { grid-template-columns: 1fr 1fr; }
        }

        """
}

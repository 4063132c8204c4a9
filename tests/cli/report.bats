#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# statbed report: a page that holds what the database holds, in a real browser. What the browser saw
# is kept in the build's report-artefacts/.
load common

# results/small.db: two learners, two dimensions; one run is made to have crashed, one to be stale.
small() {
    good small
    cat >>small.yaml <<'YAML'
grid:
  family.dimension: [3, 4]
  learner: [ { type: parity-correlation }, { type: parity-bent } ]
YAML
    statbed run small.yaml
    sqlite3 results/small.db "
        UPDATE run SET status = 'crashed', detail = 11, message = 'signal 11 in run' WHERE id = 2;
        UPDATE run SET stale = 1 WHERE id = 3"
}

# Every <td> of the table with this caption, a row a line.
cells() {
    python3 - "$1" "$2" <<'PYTHON'
import sys
from html.parser import HTMLParser

class Reader(HTMLParser):
    def __init__(self, caption):
        super().__init__()
        self.caption, self.inside, self.cell, self.text = caption, False, None, ''
    def handle_starttag(self, tag, attributes):
        if tag in ('caption', 'td'):
            self.cell = tag
            self.text = ''
        if tag == 'tr':
            self.row = []
    def handle_data(self, data):
        self.text += data
    def handle_endtag(self, tag):
        if tag == 'caption':
            self.inside = self.text == self.caption
        elif tag == 'td':
            self.row.append(self.text)
        elif tag == 'tr' and self.inside and self.row:
            print('|'.join(self.row))

Reader(sys.argv[2]).feed(open(sys.argv[1], encoding='utf-8').read())
PYTHON
}

@test "the page holds what the database holds, the same bytes each time" {
    small
    run -0 statbed report
    [ "$output" = 'wrote results/small.html' ]
    cp results/small.html first.html
    statbed report results/small.db --out=second.html
    cmp first.html second.html
    page=$(cat results/small.html)
    for text in '<h2>small</h2>' 'a claim' 'goal:    { type: predict' '[BFJ94' 'signal 11 in run' \
        'statbed replay small.yaml --db=results/small.db' "$(statbed version | head -n 1 | cut -d' ' -f2)"; do
        [[ $page == *"$text"* ]] || { echo "missing: $text"; false; }
    done
    [ "$(cells results/small.html 'Runs that did not end as they should' | cut -d'|' -f1,4,5)" = '2|crashed|11' ]
    [ "$(cells results/small.html 'Stale runs' | wc -l)" = 1 ]
    [ "$(cells results/small.html queries_vs_bound | wc -l)" = 7 ]
    # Every column is explained, above it and at the end.
    run -1 grep -q '<th scope="col">' results/small.html
    # The last columns of the page's rows are the view's.
    [ "$(cells results/small.html run_summary | awk -F'|' '{ print $(NF-8), $NF }')" = \
        "$(statbed table run_summary --format=csv | tr -d '\r' | awk -F, 'NR > 1 { print $(NF-8), $NF }')" ]
}

@test "in a browser: no message, no request, nothing over another, tables sort" {
    small
    sqlite3 results/small.db "
        INSERT INTO experiment (name, claim, yaml, yaml_digest) VALUES ('empty', '', 'name: empty', '')"
    statbed report
    out=$STATBED_BUILD/report-artefacts
    rm -rf "$out"
    python3 "$STATBED_SOURCE/tests/cli/browse.py" results/small.html "$out"
    [ "$(head -c 5 "$out/print.pdf")" = '%PDF-' ]
    for name in light dark phone; do
        [ -s "$out/$name.png" ]
    done
    # It would see what is wrong.
    sed 's|<h1>|<script>console.log(1); nothing()</script><img alt="" src="http://127.0.0.1:9/x"><h1 id="e1" style="width:4000px">|
        s|order : order|order : -order|' results/small.html >bad.html
    run -1 python3 "$STATBED_SOURCE/tests/cli/browse.py" bad.html
    has 'console:' 'exception:' 'request: http://127.0.0.1:9/x' 'id e1 stands twice' 'a click does not sort' \
        'light: the page is'
}

@test "hostile texts stay texts" {
    small
    # shellcheck disable=SC2016
    sqlite3 results/small.db "
        UPDATE run SET learner = '<script>alert(1)</script>', message = '\"><img src=x onerror=alert(1)>',
            label = 'a&b' || char(1, 27) WHERE id > 2;
        UPDATE experiment SET claim = '</p><h1>', yaml = '</pre><script>alert(2)</script>' || char(10) || '&amp;',
            name = 'it''s, <b>' || char(34);
        INSERT INTO experiment (name, claim, yaml, yaml_digest) VALUES ('two', '', 'name: two', '')"
    statbed report --out=page.html
    [ "$(grep -c '<script>' page.html)" = 1 ]
    [ "$(grep -c '<h1>' page.html)" = 1 ]
    lacks_in_page=('<img' '<b>' $'\x01' $'\x1b')
    for text in "${lacks_in_page[@]}"; do
        run -1 grep -qF "$text" page.html
    done
    python3 "$STATBED_SOURCE/tests/cli/browse.py" page.html
}

@test "what cannot be reported" {
    run -2 statbed report nowhere.db
    has nowhere.db
    small
    echo mine >results/small.html
    run -2 statbed report
    has 'results/small.html exists and is no report: --force replaces it'
    [ "$(cat results/small.html)" = mine ]
    statbed report --force
    statbed report
    mkdir empty
    PATH=$PWD/empty run -2 "$program" report
    has 'apt-get install gnuplot-nox'
    run -2 statbed report --out=nowhere/page.html
    has nowhere
    sqlite3 results/small.db 'DELETE FROM run; DELETE FROM experiment'
    run -2 statbed report
    has 'has no experiment to report'
    [ "$(find . -name '.statbed*')" = '' ]
}

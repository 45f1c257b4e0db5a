package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.PathRewrite;
import org.junit.jupiter.api.Test;

/** Changes of paths and headers, as documents have them. */
class RewriteFormsTest {
    @Test
    void edits_areReadInTheirOrder() {
        assertThat(FormFixture.read(
                        RewriteForms.HEADERS,
                        "[{'type': 'set', 'name': 'A', 'value': '1'}, {'type': 'add', 'name': 'B', 'value': '2'},"
                                + " {'type': 'remove', 'name': 'C'}]"))
                .containsExactly(HeaderEdit.set("A", "1"), HeaderEdit.add("B", "2"), HeaderEdit.remove("C"));
    }

    @Test
    void faults_ofAnEdit_areAllTold_andTheValueIsNot() {
        assertThat(FormFixture.faults(
                        RewriteForms.HEADERS, "[{'type': 'set', 'name': 'a b', 'value': 'geheim\\u0000'}]"))
                .hasSize(2)
                .anyMatch(fault -> fault.startsWith("$[0].name: "))
                .anyMatch(fault -> fault.startsWith("$[0].value: "))
                .noneMatch(fault -> fault.contains("geheim"));
        assertThat(FormFixture.faults(RewriteForms.HEADERS, "[{'type': 'drop', 'name': 'A'}]"))
                .singleElement()
                .asString()
                .contains("set, add, remove");
    }

    @Test
    void rewritings_areRead() {
        assertThat(FormFixture.read(RewriteForms.REWRITE, "{'type': 'prefix', 'prefix': '/a', 'replacement': '/b'}"))
                .isEqualTo(new PathRewrite.Prefix("/a", "/b"));
        assertThat(FormFixture.read(
                                RewriteForms.REWRITE, "{'type': 'regex', 'regex': '^/a/(.*)', 'replacement': '/$1'}")
                        .apply("/a/x"))
                .isEqualTo("/x");
    }

    @Test
    void prefixAndReplacement_areCheckedOneByOne() {
        assertThat(FormFixture.faults(RewriteForms.REWRITE, "{'type': 'prefix', 'prefix': 'a', 'replacement': '/b?c'}"))
                .hasSize(2)
                .anyMatch(fault -> fault.startsWith("$.prefix: "))
                .anyMatch(fault -> fault.startsWith("$.replacement: "));
    }
}

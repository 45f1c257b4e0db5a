package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HtmlTest {
    @Test
    void markup_isEscaped() {
        assertThat(Html.escape("<a href=\"x\" id='y'>&</a>"))
                .isEqualTo("&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
    }

    @Test
    void charactersBeyondLatin1_areReferences_andControlCharactersAreSpaces() {
        assertThat(Html.escape("ä€\uD83D\uDE00\n\u0000")).isEqualTo("ä&#8364;&#128512;  ");
    }

    @Test
    void plainText_isTheSameObject() {
        String plain = "10.0.0.1:8080 is up";
        assertThat(Html.escape(plain)).isSameAs(plain);
    }
}

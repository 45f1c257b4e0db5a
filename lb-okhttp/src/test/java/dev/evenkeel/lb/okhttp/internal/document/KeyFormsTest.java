package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import java.time.Duration;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Affinity keys, client addresses and sessions, as documents have them. */
class KeyFormsTest {
    private static final Request REQUEST = new Request.Builder()
            .url("http://users/carts/7?q=1")
            .header("X-User", "ann")
            .header("Cookie", "SID=s")
            .header("X-Forwarded-For", "10.0.0.1")
            .tag(String.class, "tagged")
            .build();

    private static String key(String json) {
        return KeyForms.firstKey(FormFixture.read(KeyForms.AFFINITY_KEY, json)).of(REQUEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type': 'header', 'name': 'X-User'}                                          | ann",
                "{'type': 'cookie', 'name': 'SID'}                                             | s",
                "{'type': 'query', 'name': 'q'}                                                | 1",
                "{'type': 'path'}                                                              | /carts/7",
                "{'type': 'pathSegment', 'index': 1}                                           | 7",
                "{'type': 'pathRegex', 'regex': '/carts/(.)'}                                  | 7",
                "{'type': 'clientAddress', 'from': 'forwardedFor'}                             | 10.0.0.1",
                "{'type': 'clientAddress', 'from': ['tag', 'forwardedFor']}                    | 10.0.0.1",
                "{'type': 'tag'}                                                               | tagged",
                "[{'type': 'header', 'name': 'None'}, {'type': 'cookie', 'name': 'SID'}]       | s",
            })
    void key_isFoundWhereTheDocumentSays(String json, String expected) {
        assertThat(key(json)).isEqualTo(expected);
    }

    @Test
    void keyThatIsNone_isRefused() {
        assertThat(FormFixture.faults(KeyForms.AFFINITY_KEY, "{'type': 'pathRegex', 'regex': '/carts'}"))
                .singleElement()
                .asString()
                .startsWith("$.regex: path pattern must have a group");
        assertThat(FormFixture.faults(KeyForms.AFFINITY_KEY, "{'type': 'header', 'name': 'a b'}"))
                .singleElement()
                .asString()
                .startsWith("$.name: ");
    }

    @Test
    void sessions_haveATable_aCookie_orBoth() {
        SessionPolicy both = FormFixture.read(
                KeyForms.SESSIONS,
                "{'key': {'type': 'header', 'name': 'X-User'}, 'maxSessions': 10, 'idleTimeout': '1h', 'cookie': {'name':"
                        + " 'SRV', 'naming': 'metadata', 'metadataKey': 'route', 'part': 'afterDot'}}");

        assertThat(both.key().of(REQUEST)).isEqualTo("ann");
        assertThat(both.maxSessions()).isEqualTo(10);
        assertThat(both.idleTimeout()).isEqualTo(Duration.ofHours(1));
        assertThat(both.cookie())
                .isEqualTo(new SessionCookie(
                        "SRV", SessionCookie.Naming.METADATA, "route", SessionCookie.ValuePart.AFTER_DOT));

        SessionPolicy table = FormFixture.read(KeyForms.SESSIONS, "{'key': {'type': 'path'}}");
        assertThat(table.cookie()).isNull();
        assertThat(table.maxSessions()).isEqualTo(100_000);
        assertThat(table.idleTimeout()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void sessionsWithoutKeyAndCookie_areRefused() {
        assertThat(FormFixture.faults(KeyForms.SESSIONS, "{'maxSessions': 10}"))
                .singleElement()
                .asString()
                .contains("key");
        assertThat(FormFixture.faults(KeyForms.SESSIONS, "{'cookie': {'name': 'SRV', 'naming': 'metadata'}}"))
                .singleElement()
                .asString()
                .contains("metadata");
    }
}

package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsType.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a stream says: subscriptions, ACK and NACK of both protocols. */
class AdsRequestsTest {
    private static final String TYPE = ENDPOINTS.url();
    private static final XdsNode NODE = new XdsNode("me", "shop", "", "", "", new ObjectMapper().createObjectNode());

    private final List<Map<Integer, List<String>>> sent = new ArrayList<>();

    private AdsRequests requests(boolean delta) {
        return new AdsRequests(NODE, delta, message -> sent.add(XdsMessages.request(message.toByteArray())));
    }

    private static DiscoveryAnswer answer(String version, String nonce) {
        return new DiscoveryAnswer(TYPE, version, nonce, List.of(), List.of());
    }

    private Map<Integer, List<String>> last() {
        return sent.get(sent.size() - 1);
    }

    @Test
    void stateOfTheWorld_namesTheNodeOnce_andEachAnswerByVersionAndNonce() throws Exception {
        AdsRequests requests = requests(false);
        requests.subscribe(ENDPOINTS, "users");
        assertThat(last())
                .containsEntry(2, List.of(NODE.message().bytes().utf8()))
                .containsEntry(3, List.of("users"))
                .containsEntry(4, List.of(TYPE))
                .doesNotContainKeys(1, 5, 6);

        requests.accept(ENDPOINTS, answer("v1", "n1"));
        assertThat(last()).isEqualTo(Map.of(1, List.of("v1"), 3, List.of("users"), 4, List.of(TYPE), 5, List.of("n1")));

        requests.refuse(ENDPOINTS, answer("v2", "n2"), "why");
        String status = new ProtoWriter().varint(1, 3).text(2, "why").bytes().utf8();
        assertThat(last())
                .isEqualTo(Map.of(
                        1, List.of("v1"), 3, List.of("users"), 4, List.of(TYPE), 5, List.of("n2"), 6, List.of(status)));

        requests.accept(ENDPOINTS, answer("v3", "n3"));
        assertThat(last()).containsEntry(1, List.of("v3")).containsEntry(5, List.of("n3"));
    }

    @Test
    void otherName_isAskedForWithTheLastNonce() throws Exception {
        AdsRequests requests = requests(false);
        requests.subscribe(ENDPOINTS, "users");
        requests.accept(ENDPOINTS, answer("v1", "n1"));
        requests.subscribe(ENDPOINTS, "users");
        assertThat(sent).hasSize(2);

        requests.subscribe(ENDPOINTS, "users-v2");
        assertThat(last())
                .isEqualTo(Map.of(1, List.of("v1"), 3, List.of("users-v2"), 4, List.of(TYPE), 5, List.of("n1")));
        assertThat(requests.name(ENDPOINTS)).isEqualTo("users-v2");

        requests.subscribe(ENDPOINTS, "");
        assertThat(last()).doesNotContainKey(3);
    }

    @Test
    void delta_namesWhatChanges() throws Exception {
        AdsRequests requests = requests(true);
        requests.subscribe(ENDPOINTS, "users");
        assertThat(last())
                .containsEntry(1, List.of(NODE.message().bytes().utf8()))
                .containsEntry(2, List.of(TYPE))
                .containsEntry(3, List.of("users"))
                .doesNotContainKeys(4, 6, 7);

        requests.accept(ENDPOINTS, answer("", "n1"));
        assertThat(last()).isEqualTo(Map.of(2, List.of(TYPE), 6, List.of("n1")));

        requests.refuse(ENDPOINTS, answer("", "n2"), "why");
        assertThat(last()).containsOnlyKeys(2, 6, 7);

        requests.subscribe(ENDPOINTS, "users-v2");
        assertThat(last()).isEqualTo(Map.of(2, List.of(TYPE), 3, List.of("users-v2"), 4, List.of("users")));
    }
}

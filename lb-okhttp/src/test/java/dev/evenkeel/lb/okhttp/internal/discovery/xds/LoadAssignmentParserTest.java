package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.assignment;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.endpoint;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.healthy;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.locality;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.message;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.read;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.uint32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Locality;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Load assignments: what is read, what is passed over, and how much of it there may be. */
class LoadAssignmentParserTest {

    @Test
    void everything_isRead() throws Exception {
        ProtoWriter place = message().text(1, "eu").text(2, "eu-1a").text(3, "rack7");
        ProtoWriter message = assignment(
                "users",
                locality(
                                healthy("10.0.0.1", 8080, 3, Map.of("version", "2")),
                                endpoint("10.0.0.2", 80).varint(2, 3))
                        .message(1, place)
                        .message(3, uint32(5))
                        .varint(5, 1));

        assertThat(LoadAssignmentParser.parse(read(message), "users").localities())
                .containsExactly(new Locality(
                        "eu",
                        "eu-1a",
                        "rack7",
                        5,
                        1,
                        List.of(
                                new Endpoint("10.0.0.1", 8080, 1, 3, Map.of("version", "2")),
                                new Endpoint("10.0.0.2", 80, 3, 1, Map.of()))));
    }

    @Test
    void endpointOfAnotherKind_hasNoAddress() throws Exception {
        ProtoWriter pipe = message()
                .message(1, message().message(1, message().message(2, message().text(1, "/run/x"))));
        ProtoWriter named = message().text(5, "by-name");

        assertThat(LoadAssignmentParser.parse(read(assignment("users", locality(pipe, named))), "users")
                        .localities()
                        .get(0)
                        .endpoints())
                .containsOnly(new Endpoint("", 0, 0, 1, Map.of()));
    }

    @Test
    void anotherAssignment_isNull() throws Exception {
        assertThat(LoadAssignmentParser.parse(read(assignment("orders")), "users"))
                .isNull();
        assertThat(LoadAssignmentParser.parse(read(message()), "users")).isNull();
    }

    @Test
    void localitiesAndEndpoints_areBounded() {
        ProtoWriter localities = message().text(1, "users");
        for (int i = 0; i <= LoadAssignmentParser.MAX_LOCALITIES; i++) {
            localities.message(2, message());
        }
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> LoadAssignmentParser.parse(read(localities), "users"))
                .withMessage("an assignment must have at most 10000 localities");

        ProtoWriter endpoints = message();
        for (int i = 0; i <= 100_000; i++) {
            endpoints.message(2, message());
        }
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> LoadAssignmentParser.parse(read(assignment("users", endpoints)), "users"))
                .withMessage("a list must have at most 100000 entries");
    }

    /** 2,000 here; a million in the form that is tagged so. */
    @Test
    void mutatedMessages_areReadOrRefused() throws Exception {
        mutate(2_000);
    }

    @Test
    @Tag("soak")
    @Tag("mutations")
    void mutatedMessages_areReadOrRefused_aMillionTimes() throws Exception {
        mutate(Integer.getInteger("evenkeel.mutations", 1_000_000));
    }

    private static void mutate(int times) throws Exception {
        byte[] valid = XdsMessages.answer(
                        XdsMessages.ENDPOINTS,
                        "1",
                        "n",
                        assignment(
                                        "users",
                                        locality(healthy("10.0.0.1", 8080, 3, Map.of("a", "b")))
                                                .varint(5, 2))
                                .bytes(),
                        XdsMessages.clusterOf("users", "service"))
                .toByteArray();
        Random random = new Random(20_261_130);
        LoadAssignmentMapper mapper = new LoadAssignmentMapper("http", true);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < times; i++) {
            byte[] bytes = Arrays.copyOf(valid, 1 + random.nextInt(valid.length));
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                DiscoveryAnswer answer =
                        i % 2 == 0 ? DiscoveryAnswer.stateOfTheWorld(bytes) : DiscoveryAnswer.delta(bytes);
                for (DiscoveryAnswer.Resource resource : answer.resources()) {
                    if (i % 3 == 0) {
                        ClusterParser.endpointsOf(resource.message(), "users");
                    } else {
                        LoadAssignment assignment = LoadAssignmentParser.parse(resource.message(), "users");
                        if (assignment != null) {
                            mapper.list(assignment);
                        }
                    }
                }
                read++;
            } catch (MalformedAnswerException e) {
                refused++;
            }
        }
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }
}

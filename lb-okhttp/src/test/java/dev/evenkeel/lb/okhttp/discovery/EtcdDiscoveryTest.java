package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.etcd.EtcdCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over a real etcd, where nothing else is said. */
@Timeout(180)
class EtcdDiscoveryTest {
    private static final String PREFIX = "/services/users/";

    private final OkHttpClient client = new OkHttpClient();

    @TempDir
    private Path directory;

    private EtcdDiscovery.Builder source(String... urls) {
        return EtcdDiscovery.builder(
                        client,
                        PREFIX,
                        urls[0],
                        List.of(urls).subList(1, urls.length).toArray(String[]::new))
                .backoff(Duration.ofMillis(10), Duration.ofMillis(200));
    }

    @Test
    void keys_areBackends_inEachForm() throws Exception {
        try (Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", "10.0.0.1:8080");
            etcd.put(PREFIX + "b", "https://10.0.0.2/api");
            etcd.put(
                    PREFIX + "c",
                    "{\"uri\":\"http://10.0.0.3:8080\",\"id\":\"three\",\"weight\":3,\"priority\":1,\"zone\":\"z\","
                            + "\"maxInFlight\":7,\"metadata\":{\"k\":\"v\"}}");
            etcd.put("/services/users0", "10.9.9.9:1");
            etcd.put("/services/user", "10.9.9.9:2");
            try (Recorder recorder = Recorder.of(source(etcd.url()).namedIds().build())) {
                assertThat(recorder.list())
                        .containsExactly(
                                Backend.of("http://10.0.0.1:8080"),
                                Backend.of("https://10.0.0.2/api"),
                                Backend.builder("http://10.0.0.3:8080")
                                        .id("three")
                                        .weight(3)
                                        .priority(1)
                                        .zone("z")
                                        .maxInFlight(7)
                                        .metadata("k", "v")
                                        .build());
                etcd.delete(PREFIX + "b");
                recorder.awaitIds("10.0.0.1:8080", "three");
                etcd.put(PREFIX + "d", "{\"uri\":\"http://10.0.0.4:1\",\"colour\":7}");
                assertThat(recorder.awaitError()).contains(PREFIX + "d", "unknown field \"colour\"");
                etcd.put(PREFIX + "d", "10.0.0.4:1");
                recorder.awaitIds("10.0.0.1:8080", "three", "10.0.0.4:1");
                assertThat(recorder.errors).hasSize(1);
            }
        }
    }

    @Test
    void idThatIsNotTheAddress_isRefused_unlessIdsMayBeNamed() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd()) {
            etcd.put(FakeEtcd.PREFIX + "a", "http://10.0.0.1:8080");
            etcd.put(FakeEtcd.PREFIX + "b", "{\"uri\":\"http://10.6.6.6:80\",\"id\":\"10.0.0.7:8080\"}");
            etcd.put(FakeEtcd.PREFIX + "c", "{\"uri\":\"http://10.0.0.3:80\",\"id\":\"10.0.0.3:80\"}");
            try (Recorder recorder = Recorder.of(etcd.source(client))) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.3:80");
                assertThat(recorder.awaitError())
                        .endsWith("key /services/users/b: id must be that of the address, \"10.6.6.6:80\", unless the"
                                + " source has namedIds: \"10.0.0.7:8080\"");
            }
        }
    }

    @Test
    void leaseThatEnds_takesItsBackendAlong() throws Exception {
        try (Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", "10.0.0.1:8080");
            String lease = etcd.lease(1);
            etcd.put(PREFIX + "b", "10.0.0.2:8080", lease);
            try (Recorder recorder = Recorder.of(source(etcd.url()).build())) {
                recorder.list();
                recorder.awaitIds("10.0.0.1:8080");
            }
        }
    }

    @Test
    void serverThatIsKilled_andComesBack_isFollowedWithoutAGap() throws Exception {
        try (Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", "10.0.0.1:8080");
            try (Recorder recorder = Recorder.of(source(etcd.url()).build())) {
                recorder.awaitIds("10.0.0.1:8080");
                etcd.kill();
                assertThat(recorder.awaitError()).contains("etcd prefix " + PREFIX);
                etcd.restart();
                etcd.put(PREFIX + "b", "10.0.0.2:8080");
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");

                // Changes while nobody watches are read from the history,
                etcd.kill();
                etcd.restart();
                etcd.delete(PREFIX + "a");
                recorder.awaitIds("10.0.0.2:8080");

                // or, if that is gone, from the keys.
                for (int i = 0; i < 5; i++) {
                    etcd.put(PREFIX + "c", "10.0.0.3:" + (i + 1));
                }
                etcd.compact();
                etcd.kill();
                etcd.restart();
                etcd.put(PREFIX + "d", "10.0.0.4:8080");
                recorder.awaitIds("10.0.0.2:8080", "10.0.0.3:5", "10.0.0.4:8080");
            }
        }
    }

    @Test
    void manyKeysThatChange_endAsInTheServer() throws Exception {
        try (Etcd etcd = new Etcd(directory)) {
            for (int i = 0; i < 1_500; i++) {
                etcd.put(PREFIX + String.format("%05d", i), "10.0.0.1:" + (10_000 + i));
            }
            try (Recorder recorder = Recorder.of(source(etcd.url()).build())) {
                assertThat(recorder.list()).hasSize(1_500);
                Random random = new Random(3);
                List<Integer> numbers = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    int number = random.nextInt(1_500);
                    etcd.delete(PREFIX + String.format("%05d", number));
                    numbers.add(number);
                }
                Collections.sort(numbers);
                long left = 1_500 - numbers.stream().distinct().count();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> recorder.list().size() == left);
                assertThat(recorder.errors).isEmpty();
            }
        }
    }

    @Test
    void watchOverWhichNothingComes_isOpenedAnew_withoutAnError() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd()) {
            etcd.set(Entry.many(1));
            EtcdDiscovery source = EtcdDiscovery.builder(client, FakeEtcd.PREFIX, etcd.server.url())
                    .watchTimeout(Duration.ofSeconds(1))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds("10.0.0.1:8080");
                int connections = etcd.server.connections.get();
                await().atMost(Duration.ofSeconds(60)).until(() -> etcd.server.connections.get() > connections);
                etcd.set(Entry.many(2));
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
                assertThat(recorder.errors).isEmpty();
            }
        }
    }

    @Test
    void credentials_areUsed_andNotTold() throws Exception {
        try (Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", "10.0.0.1:8080");
            etcd.requirePassword("s3cr3t-word");
            try (Recorder none = Recorder.of(source(etcd.url()).build());
                    Recorder wrong = Recorder.of(
                            source(etcd.url()).credentials("root", "wr0ng-word").build());
                    Recorder right = Recorder.of(source(etcd.url())
                            .credentials("root", "s3cr3t-word")
                            .build())) {
                right.awaitIds("10.0.0.1:8080");
                assertThat(none.awaitError()).contains("user name is empty");
                assertThat(wrong.awaitError()).contains("authentication failed").doesNotContain("wr0ng-word");
                // The server forgets its tokens.
                etcd.kill();
                etcd.restart();
                await().atMost(Duration.ofSeconds(60)).until(() -> {
                    etcd.putAsRoot(PREFIX + "b", "10.0.0.2:8080", "s3cr3t-word");
                    return right.list().size() == 2;
                });
                assertThat(right.errors).noneMatch(error -> error.toString().contains("s3cr3t-word"));
            }
        }
        assertThat(new EtcdCredentials("root", "s3cr3t-word").toString()).doesNotContain("s3cr3t-word");
    }

    @Test
    void signedToken_thatIsOlderThanAChangeOfUsers_isReplaced() throws Exception {
        try (Etcd etcd = new Etcd(directory, Etcd.jwt(directory))) {
            etcd.put(PREFIX + "a", "10.0.0.1:8080");
            etcd.requirePassword("s3cr3t-word");
            EtcdDiscovery source = source(etcd.url())
                    .credentials("root", "s3cr3t-word")
                    .watchTimeout(Duration.ofSeconds(1))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds("10.0.0.1:8080");
                for (int i = 2; i < 5; i++) {
                    etcd.addUserAsRoot("user" + i, "s3cr3t-word");
                    // The list is told by the old watch; the next one is opened with the old token.
                    etcd.kill();
                    etcd.restart();
                    int size = i;
                    etcd.putAsRoot(PREFIX + i, "10.0.0." + i + ":8080", "s3cr3t-word");
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> recorder.list().size() == size);
                }
                assertThat(recorder.errors)
                        .noneMatch(error -> error.toString().contains("is old"))
                        .noneMatch(error -> error.toString().contains("s3cr3t-word"));
            }
        }
    }

    @Test
    void serverThatIsAway_isReplacedByAnother() throws Exception {
        try (Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", "10.0.0.1:8080");
            try (Recorder recorder =
                    Recorder.of(source("http://127.0.0.1:1", etcd.url()).build())) {
                recorder.awaitIds("10.0.0.1:8080");
            }
        }
    }

    @Test
    void argumentsThatAreNone_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> EtcdDiscovery.builder(client, "", "http://127.0.0.1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdDiscovery.builder(client, "/a", "http://127.0.0.1/?token=secret"))
                .withMessageNotContaining("secret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source("http://127.0.0.1").scheme("ftp"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source("http://127.0.0.1").watchTimeout(Duration.ZERO));
    }
}

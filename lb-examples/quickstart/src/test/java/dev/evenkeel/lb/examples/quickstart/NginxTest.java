package dev.evenkeel.lb.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The program against real servers, which keep their own books. */
class NginxTest {

    /** How the servers listen, how they are called, and what both should then speak. */
    enum Mode {
        HTTP("http", "", "", "http/1.1", "HTTP/1.1"),
        HTTP_WITH_PRIOR_KNOWLEDGE("http", "http2", "--http2", "h2_prior_knowledge", "HTTP/2.0"),
        HTTPS_OF_A_SERVER_WITHOUT_HTTP2("https", "ssl", "", "http/1.1", "HTTP/1.1"),
        HTTPS("https", "ssl http2", "", "h2", "HTTP/2.0"),
        HTTPS_DECLINING_HTTP2("https", "ssl http2", "--http1", "http/1.1", "HTTP/1.1");

        final String scheme;
        final String listen;
        final List<String> options;
        final String protocol;
        final String logged;

        Mode(String scheme, String listen, String option, String protocol, String logged) {
            this.scheme = scheme;
            this.listen = listen;
            this.options = option.isEmpty() ? List.of() : List.of(option);
            this.protocol = protocol;
            this.logged = logged;
        }

        boolean isTls() {
            return scheme.equals("https");
        }
    }

    @TempDir
    Path directory;

    private final List<Nginx> servers = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Nginx server : servers) {
            server.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void servers_getWhatTheProgramSaysTheyGot(Mode mode) throws IOException, InterruptedException {
        start(mode, 3);

        Program run = run(mode, "/api/42", 600);

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.sent()).isEqualTo(600);
        assertThat(run.failed()).isZero();
        assertThat(run.out()).contains(" calls a second, by " + mode.protocol + "; attempts that failed: 0");
        await().until(() ->
                logged().values().stream().mapToLong(Long::longValue).sum() == 600);
        assertThat(run.distribution())
                .isEqualTo(logged())
                .isEqualTo(Map.of("nginx-1", 200L, "nginx-2", 200L, "nginx-3", 200L));
        String line = mode.logged + " replicas.test " + (mode.isTls() ? "replicas.test" : "-") + " \"GET /api/42 "
                + mode.logged + "\" 200";
        for (Nginx server : servers) {
            assertThat(server.log()).containsOnly(line);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void server_killedAndRestartedInMidTraffic_costsNoCall(Mode mode) throws IOException, InterruptedException {
        start(mode, 3);
        Nginx victim = servers.get(0);

        CompletableFuture<Program> run = CompletableFuture.supplyAsync(() -> {
            try {
                return run(mode, "/", 10_000);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        await().pollInterval(1, TimeUnit.MILLISECONDS).until(() -> victim.log().size() > 100);
        victim.kill();
        long answersUntilThen = answers();
        victim.restart();
        Program ended = run.join();

        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.sent()).isEqualTo(10_000);
        assertThat(ended.failed()).isZero();
        assertThat(ended.answered()).isEqualTo(10_000);
        assertThat(answersUntilThen).as("killed in mid-traffic").isLessThan(10_000);
    }

    @Test
    void servers_withACertificateOfAnotherName_failEveryCall() throws IOException, InterruptedException {
        start(Mode.HTTPS, 1, "others.test");

        Program run = run(Mode.HTTPS, "/", 5);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.failed()).isEqualTo(5);
        assertThat(run.out()).contains("replicas.test not verified");
    }

    @Test
    void statusOfAnError_failsTheCall() throws IOException, InterruptedException {
        start(Mode.HTTP, 2);

        assertThat(run(Mode.HTTP, "/missing", 20).lines()).contains("20 calls failed: HTTP 404");
        assertThat(run(Mode.HTTP, "/sick", 20).code()).isEqualTo(1);
    }

    private long answers() throws IOException {
        return logged().values().stream().mapToLong(Long::longValue).sum();
    }

    private Map<String, Long> logged() throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        for (Nginx server : servers) {
            counts.put(server.id(), (long) server.log().size());
        }
        return counts;
    }

    private void start(Mode mode, int count) throws IOException {
        start(mode, count, "replicas.test");
    }

    private void start(Mode mode, int count, String certified) throws IOException {
        String more = mode.isTls() ? writeCertificates(certified) : "";
        for (int i = 1; i <= count; i++) {
            servers.add(new Nginx(directory, "nginx-" + i, mode.listen, more));
        }
    }

    private Program run(Mode mode, String path, int requests) throws IOException, InterruptedException {
        String backends = servers.stream()
                .map(server ->
                        "{\"id\":\"%s\",\"uri\":\"%s://%s\"}".formatted(server.id(), mode.scheme, server.address()))
                .collect(Collectors.joining(","));
        Path config = Files.writeString(
                directory.resolve("pools.json"),
                "{\"pools\":[{\"name\":\"replicas.test\",\"strategy\":\"roundRobin\",\"backends\":[" + backends
                        + "]}]}");
        List<String> args = new ArrayList<>(List.of("--config", config.toString()));
        args.addAll(List.of("--url", mode.scheme + "://replicas.test" + path));
        args.addAll(List.of("--requests", Integer.toString(requests), "--concurrency", "8"));
        args.addAll(mode.options);
        if (mode.isTls()) {
            args.addAll(List.of("--ca", directory.resolve("ca.pem").toString()));
        }
        return Program.run(args.toArray(String[]::new));
    }

    /** A certificate for the logical name alone, as replicas behind one name have it. */
    private String writeCertificates(String certified) throws IOException {
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate server = new HeldCertificate.Builder()
                .addSubjectAlternativeName(certified)
                .signedBy(authority)
                .build();
        Files.writeString(directory.resolve("ca.pem"), authority.certificatePem());
        Path certificate = Files.writeString(directory.resolve("server.pem"), server.certificatePem());
        Path key = Files.writeString(directory.resolve("server.key"), server.privateKeyPkcs8Pem());
        return "ssl_certificate %s; ssl_certificate_key %s;".formatted(certificate, key);
    }
}

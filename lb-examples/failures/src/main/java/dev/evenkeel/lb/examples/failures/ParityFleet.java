package dev.evenkeel.lb.examples.failures;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** The three servers of one condition, with a certificate for their address and for the name of the pool. */
final class ParityFleet implements AutoCloseable {
    /** The host of the attached clients' calls. */
    static final String POOL = "users";

    private static final int SERVERS = 3;

    private final List<ParityServer> servers = new ArrayList<>();
    private final HandshakeCertificates trust;
    private final Path directory;
    private final WorkServer work;
    /** For a program that is interrupted. */
    private final Thread atExit = new Thread(() -> servers.forEach(ParityServer::close), "parity-exit");

    @SuppressWarnings("this-escape")
    ParityFleet(Path nginx, ParityCondition condition) throws IOException {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName(POOL)
                .addSubjectAlternativeName(InetAddress.getLoopbackAddress().getHostAddress())
                .build();
        trust = new HandshakeCertificates.Builder()
                .addTrustedCertificate(certificate.certificate())
                .build();
        directory = Files.createTempDirectory("evenkeel-parity");
        work = new WorkServer();
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            for (int i = 1; i <= SERVERS; i++) {
                servers.add(
                        condition.isHalfClosing()
                                ? new HalfClosingServer(
                                        condition.halfCloseMillis(),
                                        new HandshakeCertificates.Builder()
                                                .heldCertificate(certificate)
                                                .build())
                                : new ParityNginx(
                                        nginx,
                                        Files.createDirectories(directory.resolve("nginx-" + i)),
                                        "nginx-" + i,
                                        condition,
                                        certificate,
                                        work));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    HandshakeCertificates trust() {
        return trust;
    }

    /** Where the first servers are. */
    List<String> uris(ParityProtocol protocol, int count) {
        return servers.stream()
                .limit(count)
                .map(server -> protocol.scheme() + "://"
                        + InetAddress.getLoopbackAddress().getHostAddress() + ":" + server.port(protocol))
                .toList();
    }

    /** Those of the first servers that are nginx. */
    List<NginxServer> nginx(int count) {
        return servers.stream()
                .limit(count)
                .filter(ParityNginx.class::isInstance)
                .map(server -> ((ParityNginx) server).server())
                .toList();
    }

    /** Starts what has ended. */
    void mend() {
        nginx(SERVERS).stream().filter(server -> !server.isRunning()).forEach(NginxServer::start);
    }

    /** Ends the servers, and tells how often each POST has come to them all. */
    Map<String, Long> quit() {
        servers.forEach(ParityServer::quit);
        return servers.stream()
                .flatMap(server -> server.posts().stream())
                .collect(Collectors.groupingBy(id -> id, Collectors.counting()));
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        servers.forEach(ParityServer::close);
        work.close();
        Fleet.delete(directory);
    }
}

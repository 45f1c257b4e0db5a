package dev.evenkeel.lb.core.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolSslSocketFactoryTest {
    @TempDir
    static Path directory;

    private static SSLContext tls;
    private EchoServer plainServer;
    private SSLServerSocket server;
    private LoadBalancer pool;

    @BeforeAll
    static void certificateOfTheLogicalName() throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=db.test",
                        "-ext",
                        "SAN=dns:db.test",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-alias",
                        "db"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue())
                .as(Files.readString(directory.resolve("keytool.log")))
                .isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("db", keys.getCertificate("db"));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "secret".toCharArray());
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        tls = SSLContext.getInstance("TLS");
        tls.init(own.getKeyManagers(), others.getTrustManagers(), null);
    }

    private void start() throws IOException {
        plainServer = new EchoServer("plain");
        server = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(
                () -> {
                    while (true) {
                        try (Socket socket = server.accept()) {
                            socket.getOutputStream().write("secured\n".getBytes(US_ASCII));
                        } catch (SSLHandshakeException e) {
                            // A client that did not like the name.
                        } catch (IOException e) {
                            if (server.isClosed()) {
                                return;
                            }
                        }
                    }
                },
                "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stop() throws IOException {
        pool.close();
        server.close();
        plainServer.close();
    }

    private PoolSslSocketFactory factory(String... uris) {
        pool = LoadBalancers.builder("db.test")
                .backends(uris)
                .strategy(Strategies.roundRobin())
                .build();
        return PoolSslSocketFactory.of(PoolSocketFactory.of(pool), tls.getSocketFactory());
    }

    private static String greeting(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
    }

    @Test
    void certificate_isCheckedForTheLogicalName() throws IOException {
        start();
        PoolSslSocketFactory sockets = factory("tcp://127.0.0.1:" + server.getLocalPort());

        try (Socket socket = sockets.createSocket("db.test", 5432)) {
            assertThat(greeting(socket)).isEqualTo("secured");
            assertThat(((SSLSocket) socket).getSession().getPeerPrincipal().getName())
                    .isEqualTo("CN=db.test");
        }
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThatThrownBy(() -> sockets.createSocket("other.test", 5432)).isInstanceOf(SSLHandshakeException.class);
        try (Socket socket = sockets.withoutNameCheck().createSocket("other.test", 5432)) {
            assertThat(greeting(socket)).isEqualTo("secured");
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void backendWhoseTlsFails_hasFailed_andTheNextIsTaken() throws IOException {
        start();
        String bad = "127.0.0.1:" + plainServer.port();
        PoolSslSocketFactory sockets = factory("tcp://" + bad, "tcp://127.0.0.1:" + server.getLocalPort());

        for (int i = 0; i < 4; i++) {
            try (Socket socket = sockets.createSocket("db.test", 5432)) {
                assertThat(greeting(socket)).isEqualTo("secured");
            }
        }

        assertThat(pool.snapshot().backend(bad).count(Outcome.NEVER_SENT)).isPositive();
        assertThat(pool.snapshot().backend(bad).count(Outcome.SUCCESS)).isZero();
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void tls_onTopOfAPooledSocket_leavesTheHandshakeToTheCaller() throws IOException {
        start();
        PoolSslSocketFactory sockets = factory("tcp://127.0.0.1:" + server.getLocalPort());

        Socket plain = PoolSocketFactory.of(pool).createSocket("db.test", 5432);
        try (SSLSocket socket = (SSLSocket) sockets.createSocket(plain, "db.test", 5432, true)) {
            socket.startHandshake();
            assertThat(greeting(socket)).isEqualTo("secured");
        }
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void unconnectedSocket_isRefusedAsTheJdkDoes() throws IOException {
        start();
        PoolSslSocketFactory sockets = factory("tcp://127.0.0.1:" + server.getLocalPort());

        assertThatThrownBy(sockets::createSocket)
                .isInstanceOf(SocketException.class)
                .hasCauseInstanceOf(UnsupportedOperationException.class);
    }
}

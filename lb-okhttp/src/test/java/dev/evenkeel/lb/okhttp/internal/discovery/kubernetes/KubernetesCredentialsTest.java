package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token and the certificate authority of the API server. */
class KubernetesCredentialsTest {
    private static Request.Builder request() {
        return new Request.Builder().url("http://api/");
    }

    @Test
    void token_isAskedForEachRequest_andGoesBeforeTheUrls() throws Exception {
        Deque<String> tokens = new ArrayDeque<>(List.of("one\n", "two"));
        KubernetesCredentials credentials = new KubernetesCredentials("Basic x", tokens::remove, null);

        assertThat(credentials.authorized(request()).header("Authorization")).isEqualTo("Bearer one");
        assertThat(credentials.authorized(request()).header("Authorization")).isEqualTo("Bearer two");
    }

    @Test
    void withoutAToken_theUrlsAuthorizationIsSent_orNone() throws Exception {
        assertThat(new KubernetesCredentials("Basic x", null, null)
                        .authorized(request())
                        .header("Authorization"))
                .isEqualTo("Basic x");
        assertThat(new KubernetesCredentials(null, null, null)
                        .authorized(request())
                        .header("Authorization"))
                .isNull();
    }

    @Test
    void tokenThatIsNone_isAnError_thatDoesNotTellIt() {
        assertThatThrownBy(() -> new KubernetesCredentials(null, () -> "geheim\r\nX: 1", null).authorized(request()))
                .isInstanceOf(IOException.class)
                .hasMessage("the token must be of visible ASCII characters");
    }

    @Test
    void authorityFile_withoutACertificate_isAnErrorEachTime(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("ca.crt"), "");
        KubernetesCredentials credentials = new KubernetesCredentials(null, null, file);
        Files.writeString(file, "no certificate");
        try (RegistryClient client = new RegistryClient(new OkHttpClient())) {
            for (int round = 0; round < 2; round++) {
                assertThatThrownBy(() -> credentials.refresh(client))
                        .isInstanceOf(IOException.class)
                        .hasMessage("no certificates can be read from " + file);
            }
        }
    }

    @Test
    void fileThatIsTooLarge_isNotRead(@TempDir Path directory) throws Exception {
        Path large = Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
        Path fits = Files.write(directory.resolve("fits"), new byte[1 << 20]);

        assertThatThrownBy(() -> KubernetesCredentials.read(large))
                .isInstanceOf(IOException.class)
                .hasMessage(large + " must have at most 1048576 bytes");
        assertThat(KubernetesCredentials.read(fits)).hasSize(1 << 20);
    }
}

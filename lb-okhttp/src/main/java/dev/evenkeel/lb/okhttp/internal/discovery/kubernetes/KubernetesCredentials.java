package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The token for the API server and the certificate authority to trust. Both are in files that change, so the token is
 * read for each request and the authority for each round.
 */
public final class KubernetesCredentials {
    private static final long MAX_BYTES = 1 << 20;

    private final @Nullable String authorization;
    private final @Nullable Supplier<String> token;
    private final @Nullable Path authorityFile;
    private byte[] trusted = {};

    /** @param authorization if there is no token */
    public KubernetesCredentials(
            @Nullable String authorization, @Nullable Supplier<String> token, @Nullable Path authorityFile) {
        this.authorization = authorization;
        this.token = token;
        this.authorityFile = authorityFile;
    }

    Request authorized(Request.Builder request) throws IOException {
        if (token != null) {
            try {
                request.header("Authorization", "Bearer " + Messages.secret("the token", token.get()));
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        if (token == null && authorization != null) {
            request.header("Authorization", authorization);
        }
        return request.build();
    }

    /** Trusts the authority of the file, if there is one and it has changed. */
    void refresh(RegistryClient client) throws IOException {
        if (authorityFile == null) {
            return;
        }
        byte[] pem = read(authorityFile);
        if (Arrays.equals(pem, trusted)) {
            return;
        }
        try {
            X509TrustManager trustManager = trustManager(pem);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trustManager}, null);
            client.trust(context.getSocketFactory(), trustManager);
            trusted = pem;
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificates can be read from " + authorityFile, e);
        }
    }

    public static byte[] read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " must have at most " + MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private static X509TrustManager trustManager(byte[] pem) throws GeneralSecurityException, IOException {
        KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
        authorities.load(null, null);
        int number = 0;
        for (Certificate authority :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            authorities.setCertificateEntry("authority-" + number++, authority);
        }
        if (number == 0) {
            throw new GeneralSecurityException("the file has no certificate");
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("no trust manager for X.509");
    }
}

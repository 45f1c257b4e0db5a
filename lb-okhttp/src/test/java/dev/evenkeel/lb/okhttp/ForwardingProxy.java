package dev.evenkeel.lb.okhttp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A proxy that speaks HTTP (absolute URLs and CONNECT) and SOCKS 5 on one port, and remembers for which targets it was
 * asked. Each client connection leads to one target, which is enough for a test.
 */
final class ForwardingProxy implements AutoCloseable {
    private static final int SOCKS_5 = 5;

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> targets = new CopyOnWriteArrayList<>();

    private ForwardingProxy() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    static ForwardingProxy start() throws IOException {
        return new ForwardingProxy();
    }

    Proxy as(Proxy.Type type) {
        return new Proxy(type, new InetSocketAddress(listener.getInetAddress(), port()));
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Such as {@code GET 127.0.0.1:8080}, {@code CONNECT 127.0.0.1:8443} or {@code SOCKS 127.0.0.1:8080}. */
    List<String> targets() {
        return targets;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                open.add(client);
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            int first = in.read();
            if (first == SOCKS_5) {
                socks(client, in);
            } else if (first >= 0) {
                http(client, in, first);
            }
        } catch (IOException e) {
            // One side has closed, as sides do.
        } finally {
            open.remove(client);
        }
    }

    private void http(Socket client, InputStream in, int first) throws IOException {
        String[] requestLine = ((char) first + line(in)).split(" ");
        if (requestLine[0].equals("CONNECT")) {
            while (!line(in).isEmpty()) {
                // The headers of a CONNECT say nothing more.
            }
            String[] hostPort = splitPort(requestLine[1]);
            targets.add("CONNECT " + requestLine[1]);
            try (Socket target = connect(hostPort[0], Integer.parseInt(hostPort[1]))) {
                client.getOutputStream()
                        .write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                pump(client, target);
            }
            return;
        }
        URI uri = URI.create(requestLine[1]);
        try (Socket target = connect(uri.getHost(), uri.getPort())) {
            threads.execute(() -> copy(target, client));
            OutputStream out = target.getOutputStream();
            while (true) {
                targets.add(requestLine[0] + " " + uri.getAuthority());
                StringBuilder head = new StringBuilder(requestLine[0] + " " + uri.getRawPath() + " HTTP/1.1\r\n");
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    head.append(header).append("\r\n");
                }
                out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
                requestLine = line(in).split(" ");
                uri = URI.create(requestLine[1]);
            }
        }
    }

    private void socks(Socket client, InputStream in) throws IOException {
        in.readNBytes(in.read()); // the methods of authentication on offer
        OutputStream out = client.getOutputStream();
        out.write(new byte[] {SOCKS_5, 0});
        in.readNBytes(3); // version, CONNECT, reserved
        int type = in.read();
        String host = switch (type) {
            case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
            case 3 -> new String(in.readNBytes(in.read()), StandardCharsets.US_ASCII);
            case 4 -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
            default -> throw new IOException("address type " + type);
        };
        int port = in.read() << 8 | in.read();
        targets.add("SOCKS " + host + ":" + port);
        try (Socket target = connect(host, port)) {
            out.write(new byte[] {SOCKS_5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
            pump(client, target);
        }
    }

    private Socket connect(String host, int port) throws IOException {
        Socket target = new Socket(Proxy.NO_PROXY);
        target.connect(new InetSocketAddress(host, port));
        target.setTcpNoDelay(true);
        open.add(target);
        return target;
    }

    private void pump(Socket client, Socket target) {
        threads.execute(() -> copy(target, client));
        copy(client, target);
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One side has closed, as sides do.
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static String[] splitPort(String authority) {
        int colon = authority.lastIndexOf(':');
        return new String[] {authority.substring(0, colon), authority.substring(colon + 1)};
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}

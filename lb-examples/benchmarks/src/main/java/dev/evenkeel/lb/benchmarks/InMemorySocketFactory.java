package dev.evenkeel.lb.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import javax.net.SocketFactory;

/** Makes sockets that answer each request without a body by one fixed response, in the calling thread. */
final class InMemorySocketFactory extends SocketFactory {
    private static final byte[] RESPONSE = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
            .getBytes(StandardCharsets.US_ASCII);

    @Override
    public Socket createSocket() {
        return new InMemorySocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new SocketException("unconnected sockets only");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw new SocketException("unconnected sockets only");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw new SocketException("unconnected sockets only");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        throw new SocketException("unconnected sockets only");
    }

    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // a call and its connection live on one thread here
    private static final class InMemorySocket extends Socket {
        private final Outgoing outgoing = new Outgoing();
        private final Incoming incoming = new Incoming(outgoing);
        private boolean connected;
        private boolean closed;
        private int soTimeoutMillis;

        @Override
        public void connect(SocketAddress endpoint, int timeoutMillis) {
            connected = true;
        }

        @Override
        public boolean isConnected() {
            return connected;
        }

        @Override
        public boolean isClosed() {
            return closed;
        }

        @Override
        public boolean isInputShutdown() {
            return closed;
        }

        @Override
        public boolean isOutputShutdown() {
            return closed;
        }

        @Override
        public void setSoTimeout(int timeoutMillis) {
            soTimeoutMillis = timeoutMillis;
        }

        @Override
        public int getSoTimeout() {
            return soTimeoutMillis;
        }

        @Override
        public void setTcpNoDelay(boolean on) {}

        @Override
        public InputStream getInputStream() {
            return incoming;
        }

        @Override
        public OutputStream getOutputStream() {
            return outgoing;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Counts the empty lines that end a request. */
    private static final class Outgoing extends OutputStream {
        private static final int END = 0x0D0A0D0A;

        private int last4;
        private int unanswered;

        @Override
        public void write(int b) {
            last4 = (last4 << 8) | (b & 255);
            if (last4 == END) {
                unanswered++;
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            // OkHttp writes a request's head as a whole: its last four bytes tell.
            for (int i = Math.max(offset, offset + length - 4); i < offset + length; i++) {
                write(bytes[i]);
            }
        }
    }

    private static final class Incoming extends InputStream {
        private final Outgoing outgoing;

        Incoming(Outgoing outgoing) {
            this.outgoing = outgoing;
        }

        @Override
        public int read() throws IOException {
            throw new IOException("read in blocks");
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (outgoing.unanswered == 0) {
                return -1;
            }
            if (length < RESPONSE.length) {
                throw new IOException("read in larger blocks");
            }
            outgoing.unanswered--;
            System.arraycopy(RESPONSE, 0, bytes, offset, RESPONSE.length);
            return RESPONSE.length;
        }
    }
}

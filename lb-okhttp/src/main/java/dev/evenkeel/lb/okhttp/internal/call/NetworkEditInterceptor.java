package dev.evenkeel.lb.okhttp.internal.call;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** Network interceptor that applies {@link NetworkEdits}, below OkHttp's cache, cookies and redirects. */
public final class NetworkEditInterceptor implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        Attempt attempt = request.tag(Attempt.class);
        Exchange exchange = attempt == null ? null : attempt.exchange();
        NetworkEdits changes = exchange == null || exchange.isPrepared()
                ? null
                : exchange.destination().edits();
        if (exchange == null || changes == null) {
            return chain.proceed(request);
        }
        if (!exchange.leadsTo(request.url())) {
            return chain.proceed(changes.stripForForeignHost(request, exchange));
        }
        return changes.incoming(chain.proceed(changes.outgoing(request, exchange)), request);
    }
}

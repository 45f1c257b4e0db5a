package dev.evenkeel.lb.examples.spring;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/** The application: a service that calls another one. Nothing in it is Evenkeel's but the host {@code users}. */
@SpringBootApplication
public class Shop {

    /** The service that has three replicas. */
    public interface Users {
        /**
         * A user.
         *
         * @param id which
         * @return the user's name, and which replica said it
         */
        @GetExchange("/users/{id}")
        String user(@PathVariable("id") String id);
    }

    /**
     * The service as an interface; a pool has the name of its host.
     *
     * @param builder Spring Boot's, to which the starter has given the attached client
     * @return a client
     */
    @Bean
    public Users users(RestClient.Builder builder) {
        RestClient client = builder.baseUrl("http://users").build();
        return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(client))
                .build()
                .createClient(Users.class);
    }

    /** What the application's own users call. */
    @RestController
    public static class Greetings {
        private final Users users;

        /**
         * A controller.
         *
         * @param users asked for names
         */
        public Greetings(Users users) {
            this.users = users;
        }

        /**
         * Greets a user.
         *
         * @param id which
         * @return a greeting
         */
        @GetMapping("/hello/{id}")
        public String hello(@PathVariable("id") String id) {
            return "hello, " + users.user(id);
        }
    }
}

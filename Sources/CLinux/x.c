int corund_placeholder;

"""The network debugger: experiments that tell suspects apart, conclusions from them, and held connections."""

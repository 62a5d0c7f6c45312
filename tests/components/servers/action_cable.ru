# Ruby's ActionCable without the rest of Rails, for the pages of one host: `puma action_cable.ru`.
require "action_cable"
require "logger"

ActionCable.server.config.tap do |config|
  config.logger = Logger.new($stdout)
  config.cable = { "adapter" => "async" }
  config.allowed_request_origins = ["https://page.example"]
  config.connection_class = -> { ActionCable::Connection::Base }
  config.worker_pool_size = 1
end

run ActionCable.server

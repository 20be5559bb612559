import './none'
